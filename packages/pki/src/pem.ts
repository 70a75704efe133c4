import { PkiError } from '@credplex/core';

/** Encodes PEM in CredHub's form: 64 columns, `\n`, a trailing newline. */
export function encodePem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
}

function lines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Decodes base64 strictly, whereas Buffer ignores invalid characters. `undefined` for invalid or empty text. */
function decodeBase64(text: string): Uint8Array | undefined {
  const packed = text.replace(/[\s\0]/g, '');
  if (packed === '' || packed.length % 4 !== 0 || !BASE64.test(packed)) return undefined;
  return Buffer.from(packed, 'base64');
}

export interface PemBlock {
  label: string;
  /** RFC 1421 header lines, such as those of an encrypted PKCS#1 key. */
  headers: readonly string[];
  /** `undefined`: not base64. */
  der: Uint8Array | undefined;
  /** Whether the END line was found. */
  closed: boolean;
}

/** Longer content than any key or certificate has is not decoded. */
const MAX_CONTENT_LENGTH = 100_000;

/** Returns the index of the next line that starts with `marker`; -1 if there is none. */
function lineStart(text: string, marker: string, from: number): number {
  for (let at = text.indexOf(marker, from); at >= 0; at = text.indexOf(marker, at + 1)) {
    if (at === 0 || text[at - 1] === '\n' || text[at - 1] === '\r') return at;
  }
  return -1;
}

/**
 * Returns the first PEM object of a text by the rules of CredHub's PEM reader; `undefined` if there is none. The BEGIN
 * marker must be alone on its line. Preceding lines are skipped.
 */
export function firstPemBlock(text: string): PemBlock | undefined {
  const begin = lineStart(text, '-----BEGIN ', 0);
  const [first = ''] = begin < 0 ? [] : (/^[^\r\n]*/.exec(text.slice(begin, begin + MAX_CONTENT_LENGTH)) ?? []);
  const label = /^-----BEGIN ([^-]+)-----\s*$/.exec(first)?.[1];
  if (label === undefined) return undefined;
  const after = begin + first.length;
  const end = lineStart(text, `-----END ${label}-----`, after);
  const closed = end >= 0;
  const inside = text.slice(after, closed ? end : undefined);
  if (inside.length > MAX_CONTENT_LENGTH) return { label, headers: [], der: undefined, closed };
  const content = lines(inside);
  const isHeader = (line: string): boolean => line.includes(':');
  const der = decodeBase64(content.filter((line) => !isHeader(line)).join(''));
  return { label, headers: content.filter(isHeader), der, closed };
}

const CERTIFICATE_LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];

/**
 * Returns the DER of the first certificate of a text. CredHub parses a text twice, with different errors
 * (docs/reference/credhub-server.md#reading-pem). The first pass finds a certificate anywhere and needs no END line.
 * The second requires the first PEM object to be a certificate with an END line. Callers must check the DER before they
 * call {@link requireCertificateFirst}.
 *
 * @throws PkiError `certificate_value`
 */
export function certificateDer(text: string): Uint8Array {
  const all = lines(text);
  const label = (line: string): string | undefined =>
    CERTIFICATE_LABELS.find((name) => line.startsWith(`-----BEGIN ${name}-----`));
  const begin = all.findIndex((line) => label(line) !== undefined);
  const found = label(all[begin] ?? '');
  if (found === undefined) throw new PkiError('certificate_value');
  const after = all.slice(begin + 1);
  const end = after.findIndex((line) => line.startsWith(`-----END ${found}-----`));
  const der = decodeBase64((end === -1 ? after : after.slice(0, end)).join(''));
  if (der === undefined) throw new PkiError('certificate_value');
  return der;
}

/**
 * Implements the second pass.
 * @throws PkiError `certificate_unreadable` if another object is first or END is missing
 */
export function requireCertificateFirst(text: string): void {
  const block = firstPemBlock(text);
  if (!block?.closed || !CERTIFICATE_LABELS.includes(block.label)) throw new PkiError('certificate_unreadable');
}
