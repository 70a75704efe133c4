import type { LineInput } from './line-input.ts';

/** The process environment of a command. Tests replace it. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file names start here. */
  readonly cwd: string;
  readonly input: LineInput;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width of the terminal in columns, if there is one. */
  readonly columns: number | undefined;
  out(text: string): void;
  err(text: string): void;
}
