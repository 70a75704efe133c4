import { type Reading, type Resolved, resolvePlain } from '../format/yaml-resolve.ts';
import type { Dialect } from './dialect.ts';
import type { Loaded } from './loaded.ts';
import type { ScalarNode } from './node.ts';
import { YamlSyntaxError } from './syntax-error.ts';

const LONG_PREFIX = 'tag:yaml.org,2002:';

/** The tag in its short form, such as `!!str`. */
function shortTag(tag: string): string {
  return tag.startsWith(LONG_PREFIX) ? `!!${tag.slice(LONG_PREFIX.length)}` : tag;
}

const TAG_OF: Readonly<Record<Resolved['kind'], string>> = {
  text: '!!str',
  null: '!!null',
  boolean: '!!bool',
  integer: '!!int',
  float: '!!float',
  time: '!!timestamp',
};

const RESOLVED_TAGS: ReadonlySet<string> = new Set(Object.values(TAG_OF));

/** The tag that a scalar has, written or not. */
export function scalarTag({ tag, plain, value }: ScalarNode, dialect: Dialect): string {
  if (tag !== '' && (tag !== '!' || dialect === 'v2')) return shortTag(tag);
  if (!plain) return '!!str';
  return value === '<<' ? '!!merge' : TAG_OF[resolvePlain(value, readingOf(dialect)).kind];
}

/** Whether a key stands for the entries of other maps. */
export function isMergeKey(node: ScalarNode, dialect: Dialect): boolean {
  if (node.value !== '<<') return false;
  if (node.tag === '!' && dialect === 'v2') return true;
  return scalarTag(node, dialect) === '!!merge';
}

/** Returns the value of a scalar. @throws YamlSyntaxError if it does not fit its tag. */
export function decodeScalar(node: ScalarNode, dialect: Dialect, reading: Reading = readingOf(dialect)): Loaded {
  const { value } = node;
  const written = shortTag(node.tag);
  const untagged = written === '' || (written === '!' && dialect === 'v3');
  if (untagged) return node.plain ? toLoaded(resolvePlain(value, reading), { value, dialect }) : value;
  if (written === '!!str') return value;
  if (written === '!!binary') return decodeBinary(value);
  if (!RESOLVED_TAGS.has(written)) return value;
  const resolved = resolvePlain(value, reading, { times: written === '!!timestamp' });
  const tag = tagOf(resolved);
  if (tag === '!!float' && resolved.kind === 'integer') {
    if (written === tag) return Number(resolved.value);
  } else if (tag === written) return toLoaded(resolved, { value, dialect });
  else if (written === '!!float' && resolved.kind === 'integer' && fitsInt64(resolved.value)) {
    return Number(resolved.value);
  }
  throw new YamlSyntaxError(`cannot decode ${tag} \`${value}\` as a ${written}`);
}

/** An integer of more than 64 bits is a double for go-yaml. We keep its digits, but its tag is that of a double. */
function tagOf(resolved: Resolved): string {
  const wide =
    resolved.kind === 'integer' && !fitsInt64(resolved.value) && BigInt.asUintN(64, resolved.value) !== resolved.value;
  return wide ? '!!float' : TAG_OF[resolved.kind];
}

export function readingOf(dialect: Dialect): Reading {
  return dialect === 'v2' ? 'old' : 'core';
}

function toLoaded(resolved: Resolved, { value, dialect }: { value: string; dialect: Dialect }): Loaded {
  switch (resolved.kind) {
    case 'text':
      return value;
    case 'null':
      return null;
    case 'time':
      return dialect === 'v2' ? value : { kind: 'time', written: value, text: resolved.text };
    default:
      return resolved.value;
  }
}

function fitsInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** Go's base64 allows line breaks and nothing else. */
function decodeBinary(written: string): Loaded {
  const base64 = written.replace(/[\r\n]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw new YamlSyntaxError('!!binary value contains invalid base64 data');
  }
  const bytes = Buffer.from(base64, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { kind: 'bytes', base64: bytes.toString('base64') };
  }
}
