import { integer, string } from '@oclif/core/flags';

/** The flags of a command that shows a list page by page. */
export const pageFlags = {
  limit: integer({ min: 1, max: 200, summary: 'Entries of a page, 1 to 200. The server takes 50 if it is not given.' }),
  cursor: string({ summary: 'Where to go on: the cursor that the page before ended with.' }),
};

/** Which page of a list is asked for. */
export type PageQuery = { readonly limit?: number; readonly cursor?: string };

export function pageQueryOf({ limit, cursor }: { limit: number | undefined; cursor: string | undefined }): PageQuery {
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}
