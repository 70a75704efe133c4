import { CommandFailure } from '../lib/failure.ts';
import type { Context } from './command-definition.ts';
import type { NO_FLAGS } from './flags.ts';

// All three ask the program itself, so that they never fall behind it.
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_credhub() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done \\
    < <(GO_FLAGS_COMPLETION=1 "\${COMP_WORDS[0]}" "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _credhub credhub
`,
  zsh: `#compdef credhub
_credhub() {
  local -a found
  local line word
  for line in "\${(@f)$(GO_FLAGS_COMPLETION=verbose "\${words[1]}" "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    word="\${line%%  #*}"
    word="\${word%%[[:space:]]*}"
    if [[ "$line" == *"  # "* ]]; then found+=("\${word//:/\\\\:}:\${line#*  # }"); else found+=("\${word//:/\\\\:}"); fi
  done
  if (( \${#found} )); then _describe 'credhub' found; else _files; fi
}
compdef _credhub credhub
`,
  fish: `function __credhub_complete
  set -l words (commandline --tokenize --cut-at-cursor --current-process)
  set -l program $words[1]
  set -e words[1]
  env GO_FLAGS_COMPLETION=verbose $program $words (commandline --current-token --cut-at-cursor) 2>/dev/null \\
    | string replace --regex '\\s+# ' '\\t'
end
complete --command credhub --arguments '(__credhub_complete)'
`,
};

export async function completion({ argument, host }: Context<typeof NO_FLAGS>): Promise<void> {
  const script = SCRIPTS[argument ?? ''];
  if (script === undefined) throw new CommandFailure('A shell must be named: bash, zsh or fish.');
  host.out(script);
}
