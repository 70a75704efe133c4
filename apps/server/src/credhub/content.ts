/**
 * Interprets Content-Type and Accept headers, and decodes bodies (docs/reference/credhub-server.md#json,
 * docs/reference/credhub-server.md#http).
 */
import type { BodyReading } from '@credplex/contract';
import {
  CredError,
  checkNodes,
  decodeUtf8,
  type JsonLimits,
  type JsonNode,
  parseJson,
  parsePrefix,
} from '@credplex/core';

const MEDIA_TYPE =
  /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\/([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*((?:;\s*[^;=\s]+=(?:"[^"]*"|[^;\s"]*)\s*)*);?\s*$/;

interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const JSON_TYPE: MediaType = { type: 'application', subtype: 'json', parameters: new Map() };

export function parseMediaType(text: string): MediaType | undefined {
  if (text === 'application/json') return JSON_TYPE;
  const match = MEDIA_TYPE.exec(text);
  if (match === null) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name = '', value = ''] of (match[3] ?? '').matchAll(/;\s*([^;=\s]+)=("[^"]*"|[^;\s"]*)/g)) {
    parameters.set(name.toLowerCase(), value.replaceAll('"', ''));
  }
  return { type: (match[1] ?? '').toLowerCase(), subtype: (match[2] ?? '').toLowerCase(), parameters };
}

function isJson({ type, subtype }: MediaType): boolean {
  return type === 'application' && (subtype === 'json' || (subtype.endsWith('+json') && subtype.length > 5));
}

/** Code points per chunk: concatenated one by one, a large text would take ten times its size. */
const CHUNK_CODE_POINTS = 4096;

function decodeUtf32(buffer: Buffer, bigEndian: boolean): string {
  const pieces: string[] = [];
  let points: number[] = [];
  for (let at = 0; at < buffer.length; at += 4) {
    const point = bigEndian ? buffer.readUInt32BE(at) : buffer.readUInt32LE(at);
    if (point > 0x10ffff) throw new CredError('bad_request');
    if (at > 0 || point !== 0xfeff) points.push(point);
    if (points.length < CHUNK_CODE_POINTS) continue;
    pieces.push(String.fromCodePoint(...points));
    points = [];
  }
  return pieces.join('') + String.fromCodePoint(...points);
}

/** Detects UTF-16 and UTF-32 by a BOM or by the zero bytes of the first characters. */
function decodeWide(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = (a === 0xff && b === 0xfe) || (a !== 0 && b === 0);
  const big = (a === 0xfe && b === 0xff) || (a === 0 && b !== 0);
  if (
    bytes.length % 4 === 0 &&
    ((a === 0 && b === 0) || (b === 0 && c === 0 && d === 0) || (little && c === 0 && d === 0))
  ) {
    return decodeUtf32(buffer, a === 0);
  }
  if (!little && !big) return undefined;
  if (bytes.length % 2 !== 0) throw new CredError('bad_request');
  return new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes);
}

function decodeCharset(bytes: Uint8Array, charset: string | undefined): Uint8Array | string {
  switch (charset?.toLowerCase()) {
    case undefined:
    case 'utf-8':
    case 'utf8':
    case 'utf-16':
    case 'utf-16le':
    case 'utf-16be':
    case 'utf-32':
    case 'utf-32le':
    case 'utf-32be':
      return (bytes.length >= 2 && decodeWide(bytes)) || bytes;
    case 'iso-8859-1':
    case 'latin1':
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    default:
      try {
        return new TextDecoder(charset).decode(bytes);
      } catch {
        throw new CredError('invalid_content_type');
      }
  }
}

interface BodyOptions {
  readonly optional: boolean;
  readonly limits?: JsonLimits;
  readonly reading?: BodyReading | undefined;
}

/**
 * Parses a body into a tree; returns `undefined` for a missing optional body.
 * @throws CredError `invalid_content_type`, `bad_request`, `exceeds_maximum_size`
 */
export function parseBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  { optional, limits, reading = {} }: BodyOptions,
): JsonNode | undefined {
  const source = decodeBody(bytes, contentType, { optional, reading });
  return source === undefined ? undefined : parse(source, limits, reading);
}

/** Like {@link parseBody} for a large body: frees the bytes before the tree is built. */
export function parseLargeBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  { optional, limits, reading = {} }: BodyOptions,
): JsonNode | undefined {
  try {
    const source = decodeBody(bytes, contentType, { optional, reading });
    if (source === undefined) return undefined;
    if (limits !== undefined) checkNodes(source, limits);
    const text = typeof source === 'string' ? source : decodeUtf8(source);
    free(bytes);
    return parse(text, undefined, reading);
  } finally {
    free(bytes);
  }
}

/** Frees the buffer immediately instead of at the next garbage collection. */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}

/** Decodes the charset; UTF-8 stays as bytes. */
function decodeBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  { optional, reading }: { readonly optional: boolean; readonly reading: BodyReading },
): Uint8Array | string | undefined {
  if (contentType === undefined) {
    if (bytes.length > 0) throw new CredError('invalid_content_type');
    if (optional) return undefined;
    throw new CredError('bad_request');
  }
  const media = parseMediaType(contentType);
  if (media === undefined || !isAccepted(media, reading)) throw new CredError('invalid_content_type');
  const source = decodeCharset(bytes, media.parameters.get('charset'));
  if (source.length > 0) return source;
  if (optional) return undefined;
  throw new CredError('bad_request');
}

/** Refuses wildcards, for which CredHub answers 500. */
function isAccepted(media: MediaType, { onlyPlainJson }: BodyReading): boolean {
  return onlyPlainJson
    ? media.type === 'application' && media.subtype === 'json'
    : isJson(media) && !media.subtype.includes('*');
}

function parse(source: Uint8Array | string, limits: JsonLimits | undefined, reading: BodyReading): JsonNode {
  try {
    return parseJson(source, limits, reading);
  } catch (error) {
    const isBroken = error instanceof CredError && error.code === 'bad_request';
    const prefix = isBroken && reading.namesFieldsFirst ? parsePrefix(source) : undefined;
    if (prefix === undefined) throw error;
    return prefix;
  }
}

/** Returns whether an Accept header includes JSON. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return true;
  return accept.split(',').some((part) => {
    // Java's own HTTP client sends a bare `*`, with or without a quality.
    const media = parseMediaType(part.replace(/^\s*\*(?=\s*(?:;|$))/, '*/*'));
    if (media === undefined || Number(media.parameters.get('q') ?? 1) === 0) return false;
    if (media.type === '*') return media.subtype === '*';
    return media.type === 'application' && (media.subtype === '*' || isJson(media));
  });
}
