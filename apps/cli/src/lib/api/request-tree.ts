import { isNumber, isObject, number, record, type Value } from '../format/json-tree.ts';

/**
 * Converts a request body into a tree. Fields keep their order, and undefined fields are omitted. Nested trees are not
 * changed, so that user input keeps its keys and digits.
 */
export function requestTree(body: unknown): Value {
  if (body === null || typeof body === 'string' || typeof body === 'boolean') return body;
  if (typeof body === 'number' || typeof body === 'bigint') return number(body);
  if (typeof body !== 'object') throw new TypeError(`a body cannot hold a ${typeof body}`);
  if (Array.isArray(body)) return body.map(requestTree);
  if (isTree(body)) return body;
  const fields = Object.entries(body).filter(([, value]) => value !== undefined);
  return record(Object.fromEntries(fields.map(([name, value]) => [name, requestTree(value)])));
}

function isTree(body: object): body is Value & object {
  const value = body as Value;
  return isNumber(value) || isObject(value);
}
