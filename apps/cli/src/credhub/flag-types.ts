/** A flag for the parser, help and completion: oclif's definition, or its entry in the manifest. */
export interface Flag {
  readonly type: 'boolean' | 'option';
  readonly char?: string | undefined;
  readonly summary?: string | undefined;
  readonly required?: boolean | undefined;
  readonly multiple?: boolean | undefined;
  /** The variable whose value stands in when the flag is not on the line. */
  readonly env?: string | undefined;
  /** The type in the words of Go, where it is neither a text nor a switch. */
  readonly goType?: 'int' | '*time.Duration';
  /** What completion asks the server for. */
  readonly completes?: 'credential';
}

export type FlagTable = Readonly<Record<string, Flag>>;

/** Makes completion ask the server for the names of credentials. */
export function credentialName<T extends object>(definition: T): T {
  return { ...definition, completes: 'credential' };
}

/** The name behind two dashes. A flag whose name is one letter has none. */
export function longName(name: string): string | undefined {
  return name.length > 1 ? name : undefined;
}

/** The name of a flag as messages show it. */
export function displayName(name: string, { char }: Flag): string {
  const long = longName(name);
  return [...(char === undefined ? [] : [`-${char}`]), ...(long === undefined ? [] : [`--${long}`])].join(', ');
}

export function takesValue({ type }: Flag): boolean {
  return type === 'option';
}
