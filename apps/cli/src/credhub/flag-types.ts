/** One option of a command line in the original's grammar (docs/reference/credhub-cli.md#argument-parsing). */
export interface Flag<Kind extends FlagKind = FlagKind> {
  readonly kind: Kind;
  readonly short: string | undefined;
  readonly long: string | undefined;
  readonly description: string;
  readonly required: boolean;
  /** The variable whose value stands in when the flag is not on the line. */
  readonly env: string | undefined;
}

/** `texts` may be given several times; `duration` counts in nanoseconds, as the configuration file does. */
export type FlagKind = 'text' | 'texts' | 'switch' | 'integer' | 'duration';

export type FlagTable = Readonly<Record<string, Flag>>;

interface KindValues {
  text: string | undefined;
  texts: readonly string[] | undefined;
  switch: boolean;
  integer: bigint | undefined;
  duration: bigint | undefined;
}

/** What a parsed line holds for a table of flags. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Kind> ? KindValues[Kind] : never;
};

interface Extra {
  readonly required?: boolean;
  readonly env?: string;
}

/** `names` is `-n, --name`, `--name` or `-X`. */
function flag<Kind extends FlagKind>(kind: Kind, names: string, description: string, extra: Extra): Flag<Kind> {
  const words = names.split(', ');
  return {
    kind,
    short: words.find((word) => !word.startsWith('--'))?.slice(1),
    long: words.find((word) => word.startsWith('--'))?.slice(2),
    description,
    required: extra.required ?? false,
    env: extra.env,
  };
}

export const text = (names: string, description: string, extra: Extra = {}): Flag<'text'> =>
  flag('text', names, description, extra);
export const texts = (names: string, description: string, extra: Extra = {}): Flag<'texts'> =>
  flag('texts', names, description, extra);
export const toggle = (names: string, description: string): Flag<'switch'> => flag('switch', names, description, {});
export const integer = (names: string, description: string): Flag<'integer'> => flag('integer', names, description, {});
export const duration = (names: string, description: string, extra: Extra = {}): Flag<'duration'> =>
  flag('duration', names, description, extra);

/** The name of a flag as messages show it. */
export function nameOf(given: Flag): string {
  const names = [];
  if (given.short !== undefined) names.push(`-${given.short}`);
  if (given.long !== undefined) names.push(`--${given.long}`);
  return names.join(', ');
}

export function takesValue(given: Flag): boolean {
  return given.kind !== 'switch';
}
