import type { Api } from '../lib/api.ts';
import type { Host } from '../lib/host.ts';
import type { Session } from '../lib/session.ts';
import type { FlagTable, FlagValues } from './flag-types.ts';

/** What a command's function gets to work with. */
export interface Context<Table extends FlagTable> {
  readonly values: FlagValues<Table>;
  /** The positional argument, for the commands that have one. */
  readonly argument: string | undefined;
  readonly host: Host;
  readonly session: Session;
  readonly api: Api;
}

/** Everything about a command but its work, which is loaded when it is wanted. */
export interface CommandDefinition {
  readonly name: string;
  readonly alias: string | undefined;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs for the command's own help. */
  readonly description: string;
  /** At least one line to type. */
  readonly examples: readonly string[];
  readonly flags: FlagTable;
  readonly argument: { readonly name: string; readonly description: string } | undefined;
  readonly needsLogin: boolean;
  /** `context.values` must come from this definition's own table. */
  run(context: Context<FlagTable>): Promise<void>;
}

interface Given<Table extends FlagTable> {
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly flags: Table;
  readonly argument?: { readonly name: string; readonly description: string };
  readonly needsLogin?: boolean;
  readonly load: () => Promise<(context: Context<Table>) => Promise<void>>;
}

/** Ties a table of flags to the function that is written for it. */
export function define<const Table extends FlagTable>(given: Given<Table>): CommandDefinition {
  const { load, ...rest } = given;
  return {
    alias: undefined,
    argument: undefined,
    needsLogin: true,
    ...rest,
    // The parser fills `values` from this very table, so their types agree; it cannot say so for all tables at once.
    run: async (context) => (await load())(context as Context<Table>),
  };
}
