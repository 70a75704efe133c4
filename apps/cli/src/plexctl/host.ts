/** Everything a command may touch of the process that runs it; tests give another. */
export interface Host {
  /** URL of the program's main module; its folder is the root of its commands. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file names start here. */
  readonly cwd: string;
  readonly home: string;
  /** All bytes of stdin, at most `limit` and one more. */
  readonly stdin: (limit: number) => Promise<Buffer>;
  readonly outIsTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
}
