import { PkiError } from '@credplex/core';

/** 64 columns, `\n`, trailing newline: the form in which CredHub stores and answers. */
export function encodePem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
}

function lines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Decodes strictly: Buffer alone would skip what it does not know. `undefined` when it is not base64, or nothing. */
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
  /** The END line was found. */
  closed: boolean;
}

/** More text between BEGIN and END than any key or certificate has: it is not looked at. */
const MAX_CONTENT_LENGTH = 100_000;

/** Where a line begins with `marker`, from `from` on; -1: nowhere. */
function lineStart(text: string, marker: string, from: number): number {
  for (let at = text.indexOf(marker, from); at >= 0; at = text.indexOf(marker, at + 1)) {
    if (at === 0 || text[at - 1] === '\n' || text[at - 1] === '\r') return at;
  }
  return -1;
}

/**
 * The first PEM object of a text as CredHub's PEM reader sees it: the BEGIN marker at the very start of a line, alone on it;
 * text lines before are skipped. `undefined`: there is none.
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
 * DER of the first certificate of a text. CredHub reads a text twice, and both readings have their own error
 * (docs/reference/credhub-server.md#reading-pem): the first looks for a certificate anywhere and needs no END line, the
 * second wants the text's first PEM object to be that certificate, closed. The caller checks `der` before it lets
 * {@link requireCertificateFirst} speak.
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

/** @throws PkiError `certificate_unreadable` when another object comes first or the END line is missing. */
export function requireCertificateFirst(text: string): void {
  const block = firstPemBlock(text);
  if (!block?.closed || !CERTIFICATE_LABELS.includes(block.label)) throw new PkiError('certificate_unreadable');
}
