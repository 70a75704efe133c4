/** Shells with a completion script. */
export const SHELLS = ['bash', 'fish', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * Returns the completion script of `program` for a shell. The script runs the program with `variable` set, so that it
 * is always up to date. Without a result, the shell completes file names.
 */
export function completionScript(shell: Shell, program: string, variable: string): string {
  return SCRIPTS[shell](program, variable);
}

/** Returns the environment variable that makes a program print completions instead of running a command. */
export function completionVariable(program: string): string {
  return `_${program.toUpperCase()}_COMPLETE`;
}

/** Returns whether there is a completion script for this shell. */
export function isShell(word: string | undefined): word is Shell {
  return SHELLS.some((shell) => shell === word);
}

const SCRIPTS: Readonly<Record<Shell, (program: string, variable: string) => string>> = {
  // bash splits words at colons and equal signs. The script joins them for the program, and removes the part before the
  // last split from the results.
  bash: (program, variable) => `# bash completion for ${program}
_${program}() {
  local line current="" index glued=""
  local -a words=()
  for ((index = 1; index <= COMP_CWORD; index++)); do
    current="\${COMP_WORDS[index]}"
    if ((index > 1)) && { [[ $current == [=:]* || $glued == 1 ]]; }; then
      words[\${#words[@]}-1]+="$current"
    else
      words+=("$current")
    fi
    if [[ $current == *[=:] ]]; then glued=1; else glued=""; fi
  done
  local last="\${words[\${#words[@]}-1]}" cut=""
  [[ $last == *[=:]* ]] && cut="\${last%"\${last##*[=:]}"}"
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$(printf %q "\${line#"$cut"}")"); done \\
    < <(${variable}=1 "\${COMP_WORDS[0]}" "\${words[@]}" 2>/dev/null)
}
complete -o default -F _${program} ${program}
`,
  zsh: (program, variable) => `#compdef ${program}
# zsh completion for ${program}
_${program}() {
  local -a found
  local line word
  for line in "\${(@f)$(${variable}=verbose "\${words[1]}" "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    word="\${line%%  #*}"
    word="\${word%"\${word##*[![:space:]]}"}"
    if [[ "$line" == *"  # "* ]]; then found+=("\${word//:/\\\\:}:\${line#*  # }"); else found+=("\${word//:/\\\\:}"); fi
  done
  if (( \${#found} )); then _describe '${program}' found; else _files; fi
}
if [ "$funcstack[1]" = _${program} ]; then _${program} "$@"; else compdef _${program} ${program}; fi
`,
  fish: (program, variable) => `# fish completion for ${program}
function __${program}_complete
  set -l words (commandline --tokenize --cut-at-cursor --current-process)
  set -l name $words[1]
  set -e words[1]
  set -l current (commandline --current-token --cut-at-cursor)
  set -l found (env ${variable}=verbose $name $words "$current" 2>/dev/null | string replace --regex '\\s+# ' '\\t')
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path $current
  end
end
complete --command ${program} --no-files --arguments '(__${program}_complete)'
`,
};
