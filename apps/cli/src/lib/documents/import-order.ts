import { textField } from '../format/json-tree.ts';
import type { ImportEntry } from './import-entry.ts';

/** The signer that a certificate of the file names; undefined for everything else. */
export function caNameOf(entry: ImportEntry): string | undefined {
  const name = entry.type === 'certificate' ? textField(entry.value, 'ca_name') : undefined;
  return name === '' ? undefined : name;
}

/**
 * Entries without a signer in file order, then those with one, each after its signer if that is also such an entry.
 * A cycle of signers cannot be set: each of its members gets an error.
 */
export function inImportOrder(entries: readonly ImportEntry[]): readonly ImportEntry[] {
  const signed = new Map<string, ImportEntry[]>();
  for (const entry of entries) {
    if (caNameOf(entry) !== undefined) signed.set(entry.name, [...(signed.get(entry.name) ?? []), entry]);
  }
  const done = new Set<ImportEntry>();
  const ordered = entries.filter((entry) => caNameOf(entry) === undefined);
  for (const first of entries) {
    if (caNameOf(first) === undefined) continue;
    const chain: ImportEntry[] = [];
    const ring = climb(first, { signed, done, chain });
    for (const entry of chain.toReversed()) {
      done.add(entry);
      ordered.push(ring.has(entry) ? { ...entry, problem: ringProblem(ring) } : entry);
    }
  }
  return ordered;
}

/** Collects an entry and the signers above it that are not placed yet; returns those that sign each other. */
function climb(
  first: ImportEntry,
  { signed, done, chain }: { signed: Map<string, ImportEntry[]>; done: Set<ImportEntry>; chain: ImportEntry[] },
): ReadonlySet<ImportEntry> {
  let entry: ImportEntry | undefined = first;
  while (entry !== undefined && !done.has(entry)) {
    const seen = chain.indexOf(entry);
    if (seen >= 0) return new Set(chain.slice(seen));
    chain.push(entry);
    entry = signed.get(caNameOf(entry) ?? '')?.at(-1);
  }
  return new Set();
}

function ringProblem(ring: ReadonlySet<ImportEntry>): string {
  const names = Array.from(ring, ({ name }) => `'${name}'`);
  return names.length === 1
    ? `The certificate ${names[0]} names itself as the CA that signed it. Please update and retry your request.`
    : `The certificates ${names.join(', ')} name each other as the CA that signed them. Please update and retry your request.`;
}
