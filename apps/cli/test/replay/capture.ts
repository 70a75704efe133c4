import { readdirSync, readFileSync } from 'node:fs';

/** One request as a transcript shows it. */
export interface ShownRequest {
  readonly line: string;
  readonly authorized: boolean;
  readonly body: string | undefined;
}

/** One command line of a transcript with what came of it. */
export interface Step {
  /** `05:12`: recording and line number. */
  readonly id: string;
  readonly words: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined where the recording was cut before the exit code. */
  readonly exit: number | undefined;
  /** Undefined where none are shown. */
  readonly requests: readonly ShownRequest[] | undefined;
  /** The configuration file afterwards; null for none, undefined where it is not shown. */
  readonly config: string | null | undefined;
  /** The stub's settings from here on, where they change. */
  readonly server: string | undefined;
  /** The template shown before the command. */
  readonly template: string | undefined;
}

const FOLDER = new URL('../golden/', import.meta.url);

export function captureFiles(): readonly string[] {
  return readdirSync(FOLDER).filter((name) => /^\d\d.*\.txt$/.test(name));
}

export function readCapture(file: string): readonly Step[] {
  const lines = readFileSync(new URL(file, FOLDER), 'utf8').replace(/\n$/, '').split('\n');
  const starts = lines.flatMap((line, index) => (line.startsWith('$ credhub') ? [index] : []));
  const prefix = /^\d+b?/.exec(file)?.[0] ?? '';
  return starts.map((start, index) => {
    const heading = lines.slice(index === 0 ? 0 : endOf(lines, starts[index - 1] ?? 0, start), start);
    return readStep(`${prefix}:${start + 1}`, lines.slice(start, starts[index + 1] ?? lines.length), heading);
  });
}

/** The step without the first lines of its output, which belong to the command. */
export function withoutLines(step: Step, count: number): Step {
  return { ...step, stdout: step.stdout.split('\n').slice(count).join('\n') };
}

/** First line after a step's exit code. */
function endOf(lines: readonly string[], start: number, limit: number): number {
  for (let index = start; index < limit; index++) if (/^\[exit \d+\]$/.test(lines[index] ?? '')) return index + 1;
  return start + 1;
}

function readStep(id: string, lines: readonly string[], heading: readonly string[]): Step {
  const exitAt = lines.findIndex((line) => /^\[exit \d+\]$/.test(line));
  const shown = lines.slice(1, exitAt < 0 ? lines.length : exitAt);
  const after = exitAt < 0 ? [] : lines.slice(exitAt + 1);
  const errors = shown.filter((line) => line.startsWith('[stderr] ')).map((line) => line.slice('[stderr] '.length));
  const output = shown.filter((line) => !line.startsWith('[stderr] '));
  const config = after.find((line) => line.startsWith('config.json: ') || line.startsWith('{"ApiURL"'));
  const server = heading.findLast((line) => line.startsWith('# server: '));
  return {
    id,
    words: shellWords((lines[0] ?? '').slice('$ credhub'.length)),
    stdout: textOf(output),
    stderr: textOf(errors),
    exit: exitAt < 0 ? undefined : Number(/\d+/.exec(lines[exitAt] ?? '')?.[0]),
    requests: shownRequests(after),
    config: config === undefined ? undefined : config.endsWith(': none') ? null : config.replace('config.json: ', ''),
    server: server?.slice('# server: '.length),
    template: templateIn(heading),
  };
}

function textOf(lines: readonly string[]): string {
  const text = lines.map((line) => `${line}\n`).join('');
  return text
    .replaceAll('\\033', '\x1b')
    .replaceAll('\x1b[2K\n', '\x1b[2K\r')
    .replace(/⏎\(no newline at end of std(out|err)\)\n$/, '');
}

function shownRequests(lines: readonly string[]): readonly ShownRequest[] | undefined {
  const requests: { line: string; authorized: boolean; body: string | undefined }[] = [];
  for (const line of lines) {
    const text = /^ {3}>> {1,3}(.*)$/.exec(line)?.[1];
    if (text === undefined) continue;
    const last = requests.at(-1);
    if (/^[A-Z]+ \//.test(text)) requests.push({ line: text, authorized: false, body: undefined });
    else if (last && text.startsWith('authorization: Bearer')) last.authorized = true;
    else if (last && text.startsWith('| ')) last.body = text.slice(2);
  }
  return requests.length === 0 ? undefined : requests;
}

function templateIn(heading: readonly string[]): string | undefined {
  const start = heading.findLastIndex((line) => line.startsWith('### '));
  if (start < 0) return undefined;
  const first = (heading[start] ?? '').slice('### '.length);
  const rest = heading.slice(start + 1);
  return [first, ...rest]
    .filter((line) => line !== '')
    .map((line) => `${line.replace(/^# ?/, '')}\n`)
    .join('');
}

/** The words of a POSIX shell line with quotes, as far as the recordings use them. */
function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  const word = /\s+|((?:'[^']*'|"[^"]*"|[^\s'"])+)/g;
  for (const [, found] of line.matchAll(word)) {
    if (found !== undefined) words.push(found.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
  }
  return words;
}
