import { readFileSync } from 'node:fs';
import type { Described } from './describe.ts';

/** What go-yaml made of one document. */
export interface Outcome {
  /** The document as text, or in base64 where it is not UTF-8. */
  readonly text?: string;
  readonly base64?: string;
  /** gopkg.in/yaml.v2 into `interface{}`. */
  readonly v2: Result;
  /** go.yaml.in/yaml/v3 into `interface{}`. */
  readonly v3: Result;
  /** go.yaml.in/yaml/v3 into the struct of an import file. */
  readonly import: Result;
}

export type Result = { readonly value: Described } | { readonly error: string };

export function readOutcomes(): readonly Outcome[] {
  return JSON.parse(readFileSync(new URL('../golden/go-yaml.json', import.meta.url), 'utf8'));
}

export function documentOf({ text, base64 = '' }: Outcome): Uint8Array {
  return text === undefined ? Buffer.from(base64, 'base64') : Buffer.from(text);
}
