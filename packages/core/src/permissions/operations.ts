import { CredError } from '../errors.ts';
import { strictForm } from '../json/leniencies.ts';
import { itemsOf, wordOf } from '../json/read.ts';
import { isJsonList, type JsonNode } from '../json/tree.ts';
import { OPERATIONS, type Operation } from '../ports/permissions.ts';

/** Maximum elements of one list in a request (docs/reference/divergences.md). */
const MAX_OPERATIONS = 64;
/** Maximum permission entries of one request. */
export const MAX_ENTRIES = 1000;

const WORD = ['blanksAroundWord'] as const;

/** The common shape of fields with operations. They differ in the meaning of null and of an empty list. */
export const OPERATIONS_SHAPE = {
  type: 'strings',
  leniencies: WORD,
  values: OPERATIONS,
  maxItems: MAX_OPERATIONS,
} as const;
export const NO_OPERATION = { kind: 'invalid_operation', value: 'invalid_operation' } as const;

/**
 * Reads a list of operations, case-sensitively and ignoring surrounding white space. Returns each once, in canonical
 * order (docs/reference/credhub-server.md#permissions-v2-endpoints). @throws CredError `invalid_operation`
 */
export function readOperations(node: JsonNode): Operation[] {
  if (!isJsonList(node)) throw new CredError('invalid_operation');
  return inOrder(
    itemsOf(node, MAX_OPERATIONS).map((item) => {
      const operation = wordOf(strictForm(item, WORD), OPERATIONS);
      if (operation === undefined) throw new CredError('invalid_operation');
      return operation;
    }),
  );
}

export function inOrder(operations: Iterable<Operation>): Operation[] {
  const set = new Set(operations);
  return OPERATIONS.filter((operation) => set.has(operation));
}
