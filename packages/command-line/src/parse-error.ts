/**
 * Returns a message for an error of oclif's parser; undefined for other errors. oclif's own messages repeat the input,
 * which may contain a secret, so only the names of flags are used.
 */
export function describeParseError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: oclif's colour codes start with ESC.
  const message = error.message.replace(/\x1b\[[0-9;]*m/g, '');
  const missing = Array.from(message.matchAll(/Missing required flag ([\w-]+)/g), ([, name]) => `--${name}`);
  if (missing.length > 0) return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} required.`;
  if (/^Missing \d+ required arg/.test(message)) return `${argumentNames(error)} is required.`;
  if (message.startsWith('Unexpected argument')) return 'There are more words than the command takes.';
  if (message.startsWith('Nonexistent flag')) return `The command has no ${unknownFlags(error)}.`;
  const expectedValues = /^Expected (--[\w-]+)=.* to be one of: ([^\n]*)/s.exec(message);
  if (expectedValues) return `${expectedValues[1]} must be one of ${expectedValues[2]}.`;
  const range = /^Parsing (--[\w-]+)\s+Expected (an integer(?: (?:greater|less) than or equal to -?\d+)?)/.exec(
    message,
  );
  if (range) return `${range[1]} must be ${range[2]}.`;
  const plain = /^Flag (--[\w-]+) (expects .*|can only be specified once)/.exec(message);
  return plain ? `${plain[1]} ${plain[2]}.` : 'The line cannot be understood.';
}

function argumentNames(error: Error): string {
  const args = 'args' in error && Array.isArray(error.args) ? error.args : [];
  return args.map((arg: { name?: unknown }) => String(arg.name).toUpperCase()).join(', ') || 'An argument';
}

function unknownFlags(error: Error): string {
  const flags = 'flags' in error && Array.isArray(error.flags) ? error.flags.map(String) : [];
  const names = flags.map((flag) => /^--?[A-Za-z][\w-]*/.exec(flag)?.[0]);
  return names.every((name) => name !== undefined) ? `flag ${names.join(', ')}` : 'such flag';
}
