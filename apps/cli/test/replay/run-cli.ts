import { Readable } from 'node:stream';
import { main } from '../../src/credhub/main.ts';
import { lineInput } from '../../src/lib/terminal/line-input.ts';

export interface CliRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

export interface CliSetting {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin?: string;
  /** Whether stdout and stderr are terminals. */
  readonly terminal?: boolean;
}

/** One run of the command line inside this process, with an environment and streams of its own. */
export async function runCli(
  words: readonly string[],
  { env, cwd, stdin = '', terminal = false }: CliSetting,
): Promise<CliRun> {
  let stdout = '';
  let stderr = '';
  const source = Readable.from(stdin === '' ? [] : [stdin]);
  const exit = await main(words, {
    env,
    cwd,
    input: lineInput(() => source),
    outIsTerminal: terminal,
    errIsTerminal: terminal,
    columns: undefined,
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  });
  return { stdout, stderr, exit };
}
