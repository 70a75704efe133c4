/** Text that go-yaml refuses. The message is go-yaml's own, for the user. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
  /** As go-yaml counts it; absent where go-yaml gives none, as for a fault in the first line. */
  readonly line: number | undefined;

  constructor(problem: string, line?: number) {
    super(line === undefined ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`);
    this.line = line;
  }
}

/**
 * Bytes that no YAML file may contain. go-yaml says what is wrong with them but not where; an editor often does not show
 * them, so the place is added.
 */
export class YamlEncodingError extends YamlSyntaxError {
  /** In bytes from the beginning of the file. */
  readonly offset: number;

  constructor(problem: string, { offset, lineNumber }: { offset: number; lineNumber: number }) {
    super(`${problem} (line ${lineNumber}, offset ${offset})`);
    this.offset = offset;
  }
}
