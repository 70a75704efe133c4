/** Prints rows as aligned columns, or as JSON for programs. */
import { renderTable } from '@credplex/command-line';
import type { Terminal } from './terminal.ts';

export type Cell = string | number | Date | null;

export function printRows(
  terminal: Terminal,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  json: boolean,
): void {
  if (json) {
    const objects = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
    terminal.out(JSON.stringify(objects, null, 2));
    return;
  }
  const headings = columns.map((column) => column.toUpperCase());
  const texts = rows.map((row) => row.map(cellText));
  terminal.out(renderTable(headings, texts, terminal.columns).trimEnd());
}

/** Escapes control characters, because clients choose the names. */
function cellText(cell: Cell): string {
  if (cell === null || cell === '') return '-';
  const text = cell instanceof Date ? cell.toISOString().replace(/\.\d+Z$/, 'Z') : String(cell);
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
