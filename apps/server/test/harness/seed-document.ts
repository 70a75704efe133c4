/**
 * The CredHub API document (golden/seed/credhub-api.txt) read as data: its curl samples with the answers printed below them,
 * the rows of its tables, and the footnotes under these. Nothing is left out: tests are made from what stands here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `Set Credentials › Type: Value`. */
export type Heading = string;

export interface Sample {
  readonly heading: Heading;
  /** The command as printed, all its lines. */
  readonly command: string;
  /** JSON as printed, or the text `[Status 204 Empty]`. */
  readonly answer: string;
}

export interface Row {
  readonly heading: Heading;
  /** `parameters.length`, `additional_permissions[].actor`; `none` where the endpoint has none. */
  readonly parameter: string;
  /** The row's other words: default, whether required, kind (with footnote numbers), description. */
  readonly text: string;
}

export interface Footnote {
  readonly heading: Heading;
  readonly number: number;
  readonly text: string;
}

const SECTIONS = new Set([
  'Authentication',
  'Get Credentials',
  'Set Credentials',
  'Generate Credentials',
  'Regenerate Credentials',
  'Delete Credentials',
  'Find Credentials',
  'Permissions',
  'Interpolate Endpoint',
  'Encryption Key Usage',
]);

const lines = readFileSync(join(import.meta.dirname, '../golden/seed/credhub-api.txt'), 'utf8').split(/\r?\n/);

/** For each line the heading that it stands under: the section, and the nearest title above the last `CredHub CLI`. */
function headings(): Heading[] {
  let section = '';
  let title = '';
  let lastText = '';
  return lines.map((line) => {
    if (SECTIONS.has(line)) {
      section = line;
      title = '';
    }
    if (line === 'CredHub CLI' && lastText !== section) title = lastText;
    if (line.trim() !== '') lastText = line;
    return title === '' ? section : `${section} › ${title}`;
  });
}
const heading = headings();
const headingAt = (line: number): Heading => heading[line] ?? '';

function samplesOf(): Sample[] {
  const found: Sample[] = [];
  lines.forEach((line, start) => {
    if (!line.startsWith('curl ')) return;
    // The command goes on while a quote is open or the line ends with a backslash.
    let end = start;
    const command = (): string => lines.slice(start, end + 1).join('\n');
    const open = (text: string): boolean => (text.match(/'/g)?.length ?? 0) % 2 === 1 || text.endsWith('\\');
    while (open(command())) end += 1;
    const rest = lines.slice(end + 1);
    // The answer: to the line that closes what its first line opens.
    const last = rest[0]?.startsWith('{') ? rest.indexOf('}') : 0;
    found.push({ heading: headingAt(start), command: command(), answer: rest.slice(0, last + 1).join('\n') });
  });
  return found;
}

const TABLE_HEAD = 'Parameter Default Required Type Description';

function tablesOf(): { rows: Row[]; footnotes: Footnote[] } {
  const rows: Row[] = [];
  const footnotes: Footnote[] = [];
  lines.forEach((line, head) => {
    if (line !== TABLE_HEAD) return;
    let at = head + 1;
    for (; lines[at]?.trim(); at += 1) {
      const [parameter = '', ...words] = (lines[at] ?? '').split(' ');
      rows.push({ heading: headingAt(at), parameter, text: words.join(' ') });
    }
    for (at += 1; /^\d \S/.test(lines[at] ?? ''); at += 1) {
      const text = lines[at] ?? '';
      footnotes.push({ heading: headingAt(at), number: Number(text[0]), text: text.slice(2) });
    }
  });
  return { rows, footnotes };
}

/** Rows of the table of error codes: `400`, and what it means. */
function errorRows(): { code: number; meaning: string }[] {
  const head = lines.indexOf('Error Code Meaning');
  const end = lines.indexOf('', head);
  return lines.slice(head + 1, end).map((line) => ({ code: Number(line.slice(0, 3)), meaning: line.slice(4) }));
}

export const seed = { samples: samplesOf(), ...tablesOf(), errors: errorRows() };
