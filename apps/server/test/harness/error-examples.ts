/** golden/errors.json as requests that can be sent: every example, its placeholders filled in from fixtures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the recorded server answered. Long texts are cut: `…(231 characters)`. */
export interface Recorded {
  readonly status: number;
  readonly content_type?: string | null;
  readonly error?: string;
  readonly error_description?: string;
  readonly www_authenticate?: string;
  readonly body?: string;
  readonly allow?: string | null;
}

export interface ErrorExample {
  /** `KEY n: METHOD path`, unique. */
  readonly title: string;
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** Who asks, in the file's words. */
  readonly auth: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content_type?: string | null;
  readonly client_certificate?: string;
  readonly note?: string;
  readonly got: Recorded;
}

type Raw = Omit<ErrorExample, 'title' | 'key'>;
interface File {
  readonly errors: readonly { readonly key: string; readonly reachable: boolean; readonly examples?: readonly Raw[] }[];
  readonly not_error_shaped: readonly (Raw & { readonly case: string })[];
}

const file = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/errors.json'), 'utf8')) as File;

const titled = (key: string, examples: readonly Raw[]): ErrorExample[] =>
  examples.map((one, index) => ({ ...one, key, title: `${key} ${index + 1}: ${one.method} ${one.path}` }));

export const errorExamples: readonly ErrorExample[] = [
  ...file.errors.flatMap(({ key, examples = [] }) => titled(key, examples)),
  ...file.not_error_shaped.flatMap((one) => titled(`not error shaped, ${one.case}`, [one])),
];

/** `{ca_id}`, `{PEM of a leaf certificate}`. */
const PLACEHOLDER = /\{(PEM [^{}]+|[a-z]+(?:_[a-z]+)*_u?u?id)\}/g;
/** `ppp…(256 characters)`: the file cuts long texts after 60 characters. */
const CUT = /^([\s\S]*)…\((\d+) characters\)$/;

/** @throws Error for a placeholder that no fixture fills */
export function fill<T>(value: T, fixtures: Readonly<Record<string, string>>): T {
  const text = (given: string): string => {
    const cut = CUT.exec(given);
    if (cut) {
      const start = cut[1] ?? '';
      if (start.startsWith('-----BEGIN')) return fixtures['certificate without END line'] ?? '';
      return start.padEnd(Number(cut[2]), start.at(-1));
    }
    return given.replaceAll(PLACEHOLDER, (_, name: string) => {
      const found = fixtures[name];
      if (found === undefined) throw new Error(`no fixture for {${name}}`);
      return found;
    });
  };
  const walk = (node: unknown): unknown => {
    if (typeof node === 'string') return text(node);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value) as T;
}

/** Whether a text is what the file holds of it: whole, or its start and its length; times are compared by form only. */
export function sameText(actual: unknown, recorded: string): boolean {
  if (typeof actual !== 'string') return false;
  const timeless = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>');
  const cut = CUT.exec(recorded);
  if (cut) return actual.startsWith(cut[1] ?? '') && actual.length === Number(cut[2]);
  return timeless(actual) === timeless(recorded);
}
