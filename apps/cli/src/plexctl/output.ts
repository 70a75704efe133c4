import { renderTable } from '@credplex/command-line';
import type { Document, Keys } from '../lib/format/document.ts';
import { prettyJson } from '../lib/format/json.ts';
import { field, inGivenOrder, isList, isNumber, type Value } from '../lib/format/json-tree.ts';
import { printYaml } from '../lib/format/yaml.ts';
import { type Page, pageOf } from './api.ts';
import type { Host } from './host.ts';
import type { PersistentFlags } from './persistent-flags.ts';
import { printable } from './printable.ts';

/** A column of the text form: its heading and the field of an answer that it shows. */
export type Column<Field extends string = string> = readonly [heading: string, field: Field];

/** Columns that show fields which every `T` may have. */
type ColumnsOf<T> = readonly Column<Keys<T>>[];

/** Prints one object: a row under headings, or the server's object as it is. */
export function printObject<T>(value: Document<T>, columns: ColumnsOf<T>, flags: PersistentFlags, host: Host): void {
  host.out(flags.output === 'text' ? table(columns, [value], host) : document(value, flags.output));
}

/** Prints a list; a note on stderr says when the server has more than this page. */
export function printList<T extends Page>(
  page: Document<T>,
  columns: ColumnsOf<T['items'][number]>,
  flags: PersistentFlags,
  host: Host,
): void {
  const { list, next } = pageOf(page);
  host.out(flags.output === 'text' ? table(columns, list, host) : document(page, flags.output));
  if (next !== undefined) host.err(`There are more entries. Continue with --cursor ${printable(next)}\n`);
}

/** Prints a list that has no pages. */
export function printAll<T>(
  value: Document<readonly T[]>,
  columns: ColumnsOf<T>,
  flags: PersistentFlags,
  host: Host,
): void {
  const rows = isList(value) ? value : [];
  host.out(flags.output === 'text' ? table(columns, rows, host) : document(value, flags.output));
}

const ONLY_TIME = '# WARNING: this is the only time this plaintext will be displayed\n';

/**
 * Prints an object whose `plaintext` is shown this once, behind the line that says so
 * (docs/reference/plexsphere-v1.md#the-plexctl-command-line): in the text form on a line of its own, the last one. JSON
 * has no comments, so that there the line goes to stderr.
 */
export function printOnce<T extends { readonly plaintext: string }>(
  value: Document<T>,
  columns: ColumnsOf<T>,
  flags: PersistentFlags,
  host: Host,
): void {
  if (flags.output === 'text') {
    host.out(`${table(columns, [value], host)}${ONLY_TIME}${cell(value, 'plaintext')}\n`);
    return;
  }
  if (flags.output === 'json') host.err(ONLY_TIME);
  host.out(`${flags.output === 'yaml' ? ONLY_TIME : ''}${document(value, flags.output)}`);
}

function document(value: Value, form: 'json' | 'yaml'): string {
  const verbatim = inGivenOrder(value);
  return form === 'json' ? prettyJson(verbatim) : printYaml(verbatim, { lossless: true, numbersAsWritten: true });
}

function table(columns: readonly Column[], rows: readonly Value[], host: Host): string {
  const headings = columns.map(([heading]) => heading);
  return renderTable(
    headings,
    rows.map((row) => columns.map(([, name]) => cell(row, name))),
    host.columns,
  );
}

function cell(row: Value, name: string): string {
  return cellText(field(row, name) ?? null);
}

function cellText(value: Value): string {
  if (value === null || value === '') return '-';
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'boolean') return String(value);
  if (isNumber(value)) return value.text;
  if (isList(value)) return value.length === 0 ? '-' : value.map(cellText).join(',');
  return printable(prettyJson(value).trim());
}
