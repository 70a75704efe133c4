/**
 * Reads of which one statement answers several concurrent callers (docs/contribute/batching.md). A read is written once, over named
 * values. Alone it is a statement with parameters. For several callers the same text stands in a lateral subquery, and its values
 * are columns of one row per caller. PostgreSQL plans that subquery by itself, because of `offset 0`, and does not see how many
 * callers there are, because their arrays come out of subqueries: so the plan is the one of a single read, whether it is a
 * generic plan or not.
 */
import { type SQL, sql } from 'drizzle-orm';
import { type BatcherConfig, createBatcher } from './batcher.ts';
import { unavailable } from './pool.ts';
import { defineStatement, type Parameters, type Statement, type Value } from './statement.ts';
import { arrayLiteral } from './text.ts';

/** `batch`: the text stands in a statement for several callers, and each answer should be small. */
export type ReadForm = 'single' | 'batch';

export interface SharedReadOptions<Values, Row> {
  /** SQL types of the values; those that are not listed are texts. */
  readonly types?: { readonly [Name in keyof Values]?: 'uuid' | 'int' };
  /** For how many reads one caller counts. Default: 1. */
  readonly weight?: (values: Values) => number;
  /** Whether a batch omitted a part of an answer because it is large. The caller is then read alone. */
  readonly isCut?: (rows: readonly Row[]) => boolean;
}

/** The parameters of a statement for several callers: an array literal per value. */
type Columns = Readonly<Record<string, string>>;
/** A row for `position`, the caller's place in the batch from 1, as the driver's list of values: the position, then the row. */
type PositionedRow = readonly [position: number, ...row: unknown[]];

export interface SharedRead<Values, Row> extends Statement<Values, Row>, SharedReadOptions<Values, Row> {
  readonly batch: Statement<Columns, PositionedRow>;
  /** Returns what the batch is bound with. */
  columnsOf(callers: readonly Values[]): Columns;
}

/**
 * Compiles a read for one caller and for several.
 *
 * @example
 * const BY_ID = defineSharedRead(
 *   (p: Parameters<{ id: string }>) => sql<Row>`select ${select(columns)} from ${token} where ${token.id} = ${p.id}`,
 *   { types: { id: 'uuid' } },
 * );
 * const rows = await db.read(BY_ID, { id });
 */
export function defineSharedRead<Values, Row = object>(
  build: (parameters: Parameters<Values>, form: ReadForm) => SQL<Row>,
  options: SharedReadOptions<Values, Row> = {},
): SharedRead<Values, Row> {
  const names = new Set<string>();
  const column = (_: object, name: string | symbol): SQL => {
    names.add(String(name));
    return sql`caller.${sql.identifier(String(name))}`;
  };
  const answer = build(new Proxy({}, { get: column }) as Parameters<Values>, 'batch');
  const list = [...names];
  const typeOf = (name: string): string => options.types?.[name as keyof Values] ?? 'text';
  const batch = defineStatement((p: Parameters<Columns>) => {
    const arrays = list.map((name) => sql`(select ${p[name] ?? sql``}::${sql.raw(typeOf(name))}[])`);
    const columns = [...list, 'position'].map((name) => sql`${sql.identifier(name)}`);
    return sql<PositionedRow>`select caller.position::int, answer.*
      from unnest(${sql.join(arrays, sql`, `)}) with ordinality as caller (${sql.join(columns, sql`, `)})
      cross join lateral (${answer} offset 0) as answer`;
  });
  return {
    ...defineStatement<Values, Row>((p) => build(p, 'single')),
    ...options,
    batch,
    columnsOf: (callers) =>
      Object.fromEntries(
        list.map((name) => [name, arrayLiteral(callers.map((values) => values[name as keyof Values] as Value))]),
      ),
  };
}

/** Rows of a batch, and the names of their columns after the position. */
export interface BatchAnswer {
  readonly names: readonly string[];
  readonly rows: readonly PositionedRow[];
}

/** How shared reads reach the database. Both answer within the deadline of a read. */
export interface ReadExecutor {
  single<Values, Row>(read: Statement<Values, Row>, values: Values): Promise<Row[]>;
  /** `refused`: the database did not run the statement, perhaps because of one caller's values. */
  batch(statement: Statement<Columns, PositionedRow>, columns: Columns): Promise<BatchAnswer | 'refused'>;
}

export interface SharedReaderConfig extends Pick<BatcherConfig<never>, 'maxInFlight' | 'maxBatchSize' | 'timeoutMs'> {
  /** From the arrival of a caller to its answer. */
  readonly deadlineMs: number;
}

interface Waiting<Values, Row> {
  readonly values: Values;
  readonly resolve: (rows: Row[]) => void;
  readonly reject: (error: unknown) => void;
  isSent: boolean;
  isExpired: boolean;
  deadline?: NodeJS.Timeout;
}

/** Texts of so many characters count like one more read: 128 deep names would otherwise be a parameter of 30 MiB. */
const CHARACTERS_PER_READ = 4096;

function weightOf<Values>({ weight }: SharedReadOptions<Values, never>, values: Values): number {
  let characters = 0;
  for (const value of Object.values(values as object)) if (typeof value === 'string') characters += value.length;
  return (weight?.(values) ?? 1) + Math.floor(characters / CHARACTERS_PER_READ);
}

/** Distributes the rows of a batch to its callers. */
function rowsByCaller<Row>({ names, rows }: BatchAnswer, callers: number): Row[][] {
  const answers: Row[][] = Array.from({ length: callers }, () => []);
  // A copy is allocated with all properties; an object that gains one property at a time is reallocated several times.
  const empty: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, null]));
  for (const values of rows) {
    const row = { ...empty };
    for (let index = 0; index < names.length; index += 1) row[names[index] as string] = values[index + 1];
    answers[values[0] - 1]?.push(row as Row);
  }
  return answers;
}

type Share = <Values, Row>(read: SharedRead<Values, Row>, values: Values) => Promise<Row[]>;

/** Returns a function that reads for one caller, in a batch where others read the same at the same time. */
export function createSharedReader(
  { deadlineMs, ...limits }: SharedReaderConfig,
  { single, batch }: ReadExecutor,
): Share {
  function createReader<Values, Row>(read: SharedRead<Values, Row>): (values: Values) => Promise<Row[]> {
    type Caller = Waiting<Values, Row>;

    function settle(caller: Caller, rows: Promise<Row[]>): Promise<void> {
      return rows.then(caller.resolve, caller.reject).finally(() => clearTimeout(caller.deadline));
    }
    const readAlone = (caller: Caller): Promise<void> => settle(caller, single(read, caller.values));

    async function sendBatch(callers: readonly Caller[]): Promise<void> {
      let answer: BatchAnswer | 'refused';
      try {
        answer = await batch(read.batch, read.columnsOf(callers.map(({ values }) => values)));
      } catch (error) {
        for (const caller of callers) void settle(caller, Promise.reject(error));
        return;
      }
      if (answer === 'refused') return void (await Promise.all(callers.map(readAlone)));
      const answers = rowsByCaller<Row>(answer, callers.length);
      const cut: Caller[] = [];
      for (const [index, caller] of callers.entries()) {
        const rows = answers[index] ?? [];
        if (read.isCut?.(rows)) cut.push(caller);
        else {
          clearTimeout(caller.deadline);
          caller.resolve(rows);
        }
      }
      // Not awaited: the batch is answered, and the next one may be sent.
      for (const caller of cut) void readAlone(caller);
    }

    const add = createBatcher<Caller>({
      ...limits,
      weight: ({ values }) => weightOf(read, values),
      isCancelled: ({ isExpired }) => isExpired,
      send(callers) {
        for (const caller of callers) caller.isSent = true;
        const [first, second] = callers;
        if (first !== undefined && second === undefined) return readAlone(first);
        return sendBatch(callers);
      },
    });
    const expire = (caller: Caller): void => {
      caller.isExpired = true;
      caller.reject(unavailable('the database did not answer in time'));
    };
    return (values) =>
      new Promise((resolve, reject) => {
        const caller: Caller = { values, resolve, reject, isSent: false, isExpired: false };
        add(caller);
        // A read that was sent alone has the deadline of its statement.
        if (!caller.isSent) caller.deadline = setTimeout(expire, deadlineMs, caller);
      });
  }

  const readers = new Map<object, (values: never) => Promise<unknown>>();
  return <Values, Row>(read: SharedRead<Values, Row>, values: Values) => {
    const known = readers.get(read) as ((values: Values) => Promise<Row[]>) | undefined;
    if (known !== undefined) return known(values);
    const reader = createReader(read);
    readers.set(read, reader as (values: never) => Promise<unknown>);
    return reader(values);
  };
}
