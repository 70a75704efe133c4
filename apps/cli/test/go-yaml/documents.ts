import { BLOCK_DOCUMENTS } from './documents-block.ts';
import { BYTE_DOCUMENTS } from './documents-bytes.ts';
import { FLOW_DOCUMENTS } from './documents-flow.ts';
import { IMPORT_DOCUMENTS } from './documents-import.ts';
import { LIMIT_DOCUMENTS } from './documents-limits.ts';
import { SCALAR_DOCUMENTS } from './documents-scalars.ts';
import { STRUCTURE_DOCUMENTS } from './documents-structure.ts';

/** A document that go-yaml is asked about: text, or bytes where the encoding matters. */
export type Document = string | Uint8Array;

export const DOCUMENTS: readonly Document[] = [
  ...SCALAR_DOCUMENTS,
  ...FLOW_DOCUMENTS,
  ...BLOCK_DOCUMENTS,
  ...STRUCTURE_DOCUMENTS,
  ...BYTE_DOCUMENTS,
  ...LIMIT_DOCUMENTS,
  ...IMPORT_DOCUMENTS,
];
