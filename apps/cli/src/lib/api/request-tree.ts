import { isNumber, isObject, number, record, type Value } from '../format/json-tree.ts';

/**
 * Returns the tree of a request's body, whose fields keep the order they are written in; those that are undefined are
 * left out. A tree inside stays as it is: what a user gave keeps its keys and digits.
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
