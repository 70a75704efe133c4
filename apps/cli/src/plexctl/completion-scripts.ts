export interface CompletionFlag {
  readonly name: string;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
  readonly takesFile: boolean;
}

export interface CompletionInput {
  readonly commands: readonly {
    readonly name: string;
    readonly summary: string;
    readonly flags: readonly CompletionFlag[];
  }[];
  readonly topics: Readonly<Record<string, string>>;
}

/** The script of each shell. */
export const shells: Readonly<Record<string, (input: CompletionInput) => string>> = { bash, fish, zsh };

interface Word {
  readonly word: string;
  readonly summary: string;
}

/** What may follow the words typed so far: `''` to `cloud, login, …`. */
function nextWords({ commands, topics }: CompletionInput): Map<string, Word[]> {
  const next = new Map<string, Word[]>();
  const all = [...commands.map(({ name, summary }) => [name, summary] as const), ...Object.entries(topics)];
  for (const [name, summary] of all.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const at = name.lastIndexOf(' ');
    const parent = at < 0 ? '' : name.slice(0, at);
    next.set(parent, [...(next.get(parent) ?? []), { word: name.slice(at + 1), summary }]);
  }
  return next;
}

/** The words of the command that stand on the line, without flags and their values; shared by bash and zsh. */
const pathLoop = (valueFlags: string, words: string): string => `  local path="" word skip=""
  for word in ${words}; do
    if [[ -n $skip ]]; then skip=""; continue; fi
    case $word in
      ${valueFlags}) skip=1 ;;
      -*) ;;
      *) path="\${path:+$path }$word" ;;
    esac
  done`;

function valueFlagsOf({ commands }: CompletionInput): string {
  const names = commands.flatMap(({ flags }) => flags.filter(({ takesValue }) => takesValue).map(({ name }) => name));
  return [...new Set(names)].sort().join('|');
}

function fileFlagsOf({ commands }: CompletionInput): string {
  const names = commands.flatMap(({ flags }) => flags.filter(({ takesFile }) => takesFile).map(({ name }) => name));
  return [...new Set(names)].sort().join('|');
}

function bash(input: CompletionInput): string {
  const words = Array.from(
    nextWords(input),
    ([path, next]) => `    "${path}") words="${next.map(({ word }) => word).join(' ')}" ;;`,
  );
  const flags = input.commands.map(
    ({ name, flags: own }) => `    "${name}") words="${own.map((flag) => flag.name).join(' ')}" ;;`,
  );
  return `# bash completion for plexctl
_plexctl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  case $previous in
    --output) COMPREPLY=($(compgen -W "text json yaml" -- "$current")); return ;;
    --provider) COMPREPLY=($(compgen -W "aws azure" -- "$current")); return ;;
    ${fileFlagsOf(input)}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    ${valueFlagsOf(input)}) return ;;
  esac
${pathLoop(valueFlagsOf(input), `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
  case $path in
${words.join('\n')}
${flags.join('\n')}
    completion) words="bash fish zsh" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _plexctl plexctl
`;
}

function zsh(input: CompletionInput): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const entry = (word: string, summary: string): string => quoted(`${word.replaceAll(':', '\\:')}:${summary}`);
  const words = Array.from(
    nextWords(input),
    ([path, next]) => `    "${path}") choices=(${next.map(({ word, summary }) => entry(word, summary)).join(' ')}) ;;`,
  );
  const flags = input.commands.map(
    ({ name, flags: own }) =>
      `    "${name}") choices=(${own.map((flag) => entry(flag.name, flag.summary)).join(' ')}) ;;`,
  );
  return `#compdef plexctl
# zsh completion for plexctl
_plexctl() {
  local -a words_before=("\${(@)words[2,CURRENT-1]}")
  local previous="\${words[CURRENT-1]}"
  case $previous in
    --output) compadd text json yaml; return ;;
    --provider) compadd aws azure; return ;;
    ${fileFlagsOf(input)}) _files; return ;;
    ${valueFlagsOf(input)}) return ;;
  esac
${pathLoop(valueFlagsOf(input), `"\${words_before[@]}"`).replaceAll('path', 'line')}
  local -a choices=()
  case $line in
    completion) choices=(bash fish zsh) ;;
${words.join('\n')}
${flags.join('\n')}
  esac
  _describe 'plexctl' choices
}
if [ "$funcstack[1]" = _plexctl ]; then _plexctl; else compdef _plexctl plexctl; fi
`;
}

function fish(input: CompletionInput): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines: string[] = [];
  for (const [path, next] of nextWords(input)) {
    for (const { word, summary } of next) {
      lines.push(`complete -c plexctl -f -n ${quoted(`__plexctl_at ${path}`.trim())} -a ${word} -d ${quoted(summary)}`);
    }
  }
  for (const { name, flags } of input.commands) {
    for (const flag of flags) {
      const value = flag.takesFile ? ' -r -F' : flag.takesValue ? ' -x' : '';
      const values = flag.values.length > 0 ? ` -a ${quoted(flag.values.join(' '))}` : '';
      const condition = quoted(`__plexctl_at ${name}`);
      lines.push(
        `complete -c plexctl -n ${condition} -l ${flag.name.slice(2)}${value}${values} -d ${quoted(flag.summary)}`,
      );
    }
  }
  lines.push(`complete -c plexctl -f -n '__plexctl_at completion' -a 'bash fish zsh'`);
  return `# fish completion for plexctl
function __plexctl_at
  set -l path
  set -l skip
  for word in (commandline -opc)[2..-1]
    if test -n "$skip"
      set skip
      continue
    end
    switch $word
      case ${valueFlagsOf(input).replaceAll('|', ' ')}
        set skip 1
      case '-*'
      case '*'
        set -a path $word
    end
  end
  test "$path" = "$argv"
end
${lines.join('\n')}
`;
}
