/** Cursor pagination. A page has a next cursor whenever it was full before rows were filtered. */
import { CredError } from '../errors.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { BrokerDeps } from './deps.ts';

export interface PageRequest {
  /** 1 to {@link MAX_LIMIT}; absent: {@link DEFAULT_LIMIT}. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;

/**
 * Reads one page. `read` receives the limit and the key to start after, `keyOf` returns the key of a row, and `visible`
 * filters out rows that the caller may not see. A page may therefore be short or empty and still have a next cursor.
 * @throws CredError `invalid_limit`, `invalid_cursor`, `cursor_binding_mismatch`
 */
export async function readPage<T>(
  deps: Pick<BrokerDeps, 'cursorKey'>,
  page: PageRequest & { readonly list: string; readonly actor: string },
  read: (limit: number, after: string | undefined) => Promise<readonly T[]>,
  keyOf: (row: T) => string,
  visible: (rows: readonly T[]) => Promise<readonly T[]> = async (rows) => rows,
): Promise<PageOf<T>> {
  const limit = page.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new CredError('invalid_limit');
  const binding = { key: deps.cursorKey, list: page.list, actor: page.actor };
  const after = page.cursor === undefined ? undefined : readCursor(binding, page.cursor);
  const rows = await read(limit, after);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    items: await visible(rows),
    ...(last === undefined ? {} : { nextCursor: writeCursor(binding, keyOf(last)) }),
  };
}
