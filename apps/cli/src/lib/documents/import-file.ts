import { isList, isNumber, isObject, type Value, without } from '../format/json-tree.ts';
import { parseJson } from '../format/parse-json.ts';
import { decodeUtf8, NotUtf8 } from '../utf8-text.ts';
import {
  type Loaded,
  type LoadedMap,
  readMapList,
  sourceOf,
  YamlEncodingError,
  YamlSyntaxError,
} from '../yaml/read.ts';
import { decimalText, type ImportEntry, ImportFileError, NotJson, nonFinite, toEntryValue } from './import-entry.ts';
import { inImportOrder } from './import-order.ts';

export { type ImportEntry, ImportFileError } from './import-entry.ts';

/**
 * The entries of a YAML file in the order in which they are to be set: file order, but certificates with a `ca_name`
 * come last, signers before what they sign. Further documents are ignored.
 * @throws ImportFileError if the file as a whole can't be used (docs/reference/credhub-cli.md#import).
 */
export function parseImportYaml(file: string | Uint8Array): readonly ImportEntry[] {
  const list = loadYaml(file);
  if (list === null) throw noCredentialsKey();
  return inImportOrder(list.map(yamlEntry));
}

/** As parseImportYaml for a file of `export --output-json`: the keys that are read may have any letter case. */
export function parseImportJson(file: string | Uint8Array): readonly ImportEntry[] {
  const root = loadJson(file);
  if (root === null) throw noCredentialsKey();
  if (!isObject(root)) throw notValid('json');
  const list = [...root.entries].findLast(([key]) => key.toLowerCase() === 'credentials')?.[1] ?? null;
  if (list === null) throw noCredentialsKey();
  if (!isList(list)) throw notValid('json');
  return inImportOrder(
    list.map((item, index) => {
      if (item !== null && !isObject(item)) throw notValid('json');
      return entryOf(index, item === null ? [] : [...item.entries]);
    }),
  );
}

function yamlEntry(item: LoadedMap | null, index: number): ImportEntry {
  const fields: [string, Value][] = [];
  const type = item?.entries.findLast(([key]) => typeof key === 'string' && key.toLowerCase() === 'type')?.[1];
  try {
    for (const [key, value] of item?.entries ?? []) {
      if (typeof key === 'string' && known.has(key.toLowerCase())) fields.push([key, fieldValue(key, value, type)]);
    }
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return { ...entryOf(index, fields), problem: error.message };
  }
  return entryOf(index, fields);
}

/** A name or type that is no text counts as none, and a plain value may be an infinite number: its text is sent. */
function fieldValue(key: string, value: Loaded, type: Loaded | undefined): Value {
  if (typeof value !== 'number' || Number.isFinite(value)) return toEntryValue(value);
  const wanted = key.toLowerCase();
  if (wanted === 'name' || wanted === 'type') return false;
  return wanted === 'value' && type === 'value' ? nonFinite(value) : toEntryValue(value);
}

const known: ReadonlySet<string> = new Set(['name', 'type', 'value', 'metadata']);

function entryOf(index: number, fields: readonly (readonly [string, Value])[]): ImportEntry {
  const of = (wanted: string): Value => fields.findLast(([key]) => key.toLowerCase() === wanted)?.[1] ?? null;
  const name = of('name');
  const type = of('type');
  const value = of('value');
  const metadata = of('metadata');
  const entry = {
    index,
    name: typeof name === 'string' ? name : '',
    type: typeof type === 'string' ? type : '',
    value: adjusted(typeof type === 'string' ? type : '', value),
    ...(isObject(metadata) && metadata.entries.size > 0 ? { metadata } : {}),
  };
  const problem = problemOf(type, value, metadata);
  return problem === undefined ? entry : { ...entry, problem };
}

const mappingTypes: ReadonlySet<string> = new Set(['user', 'ssh', 'certificate']);

function problemOf(type: Value, value: Value, metadata: Value): string | undefined {
  if (type === null) return 'The entry has no type. Please add one and retry your request.';
  if (typeof type !== 'string') return 'The type of the entry must be a text. Please update and retry your request.';
  if (mappingTypes.has(type) && value !== null && !isObject(value)) {
    return `The value of a credential of type '${type}' must be a mapping. Please update and retry your request.`;
  }
  return metadata === null || isObject(metadata)
    ? undefined
    : 'The metadata of the entry must be a mapping. Please update and retry your request.';
}

/** What the server computes itself is not sent back to it, and a plain value that looks like a number is its text. */
function adjusted(type: string, value: Value): Value {
  if (type === 'ssh' && isObject(value)) return without(value, 'public_key_fingerprint');
  if (type === 'user' && isObject(value)) return without(value, 'password_hash');
  return type === 'value' && isNumber(value) && !isUnsigned64(value.text) ? decimalText(value.text) : value;
}

/** The original sends integers between 2^63 and 2^64 as numbers (transcript 11). */
function isUnsigned64(text: string): boolean {
  return /^[0-9]+$/.test(text) && BigInt(text) >= 2n ** 63n && BigInt(text) < 2n ** 64n;
}

function loadYaml(file: string | Uint8Array): readonly (LoadedMap | null)[] | null {
  try {
    return readMapList(sourceOf(file), 'credentials');
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw notValid('yaml', error);
    throw error;
  }
}

function loadJson(file: string | Uint8Array): Value {
  try {
    return parseJson(typeof file === 'string' ? file : decodeUtf8(file));
  } catch (error) {
    throw notValid('json', error);
  }
}

function notValid(kind: 'yaml' | 'json', cause?: unknown): ImportFileError {
  const message = `The referenced file does not contain valid ${kind} structure. Please update and retry your request.`;
  // The place of a wrong byte is added: an editor may not show it, or show it as something else.
  const placed = cause instanceof YamlEncodingError || cause instanceof NotUtf8;
  return new ImportFileError(placed ? `${message}\n${cause.message}` : message, { cause });
}

function noCredentialsKey(): ImportFileError {
  return new ImportFileError(
    "The referenced import file does not begin with the key 'credentials'. The import file must contain a list of credentials under the key 'credentials'. Please update and retry your request.",
  );
}
