/** The process environment of a command. Tests replace it. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file names start here. */
  readonly cwd: string;
  readonly home: string;
  /** All bytes of stdin, at most `limit` and one more. */
  readonly stdin: (limit: number) => Promise<Buffer>;
  /** Width of the terminal on stdout, if it is one. */
  readonly columns: number | undefined;
  out(text: string): void;
  err(text: string): void;
}
