/**
 * Separates the signing CA from the trusted CA in a text that contains both, as earlier releases stored them
 * (docs/reference/storage.md, "Rows of earlier releases").
 */
import { type CaPair, trustedBeside } from '../types/certificate-authorities.ts';

export interface JoinedAuthorities {
  /** Name of the credential. */
  readonly name: string;
  readonly certificate: string | null;
  /** One CA, or two in either order. */
  readonly ca: string;
  readonly caName: string | null;
}

/** The stored versions of the CA that a certificate names. */
export interface CaHistory {
  /** Whether a version of the CA has this text as its certificate, ignoring surrounding white space. */
  hasVersion(text: string): Promise<boolean>;
  /** Certificates of versions that may have signed, the most likely first. Read lazily. */
  candidates(): AsyncIterable<string>;
  /** The current active and transitional certificates. */
  pair(): Promise<CaPair>;
}

export interface SplitAuthorities {
  readonly ca: string;
  readonly trustedCa: string | null;
  /** `false`: no known CA verifies the certificate, and `ca` is unchanged. */
  readonly verified: boolean;
}

/** Returns whether the first certificate of `ca` verifies `certificate`; `false` for texts that cannot be parsed. */
export type IsSignedBy = (certificate: string, ca: string) => boolean;

/** Returns the signing CA and the trusted CA of a stored certificate. */
export async function splitAuthorities(
  row: JoinedAuthorities,
  history: CaHistory,
  isSignedBy: IsSignedBy,
): Promise<SplitAuthorities> {
  const { certificate, ca } = row;
  // A CA from a set request was verified when it was set and was never concatenated.
  if (certificate === null || !namesAnotherCa(row)) return { ca, trustedCa: null, verified: true };
  const blocks = pemBlocks(ca);
  const signing = blocks.findIndex((block) => isSignedBy(certificate, block));
  if (signing === 0 && (blocks.length === 1 || (await history.hasVersion(ca)))) {
    return { ca, trustedCa: null, verified: true };
  }
  if (signing >= 0) return { ...partsOf(blocks, signing), verified: true };
  for await (const candidate of history.candidates()) {
    if (!isSignedBy(certificate, candidate)) continue;
    return { ca: candidate, trustedCa: trustedBeside(candidate, await history.pair()), verified: true };
  }
  return { ca, trustedCa: null, verified: false };
}

function namesAnotherCa({ name, caName }: JoinedAuthorities): boolean {
  return caName !== null && caName.toLowerCase() !== name.toLowerCase();
}

function pemBlocks(text: string): string[] {
  return text.match(/-----BEGIN ([^-\r\n]+)-----[\s\S]*?-----END \1-----/g) ?? [];
}

/** Splits at the signing certificate. Each CA may consist of several PEM objects; its own certificate is the first. */
function partsOf(blocks: readonly string[], signing: number): { ca: string; trustedCa: string } {
  const [before, after] =
    signing === 0 ? [blocks.slice(0, 1), blocks.slice(1)] : [blocks.slice(signing), blocks.slice(0, signing)];
  return { ca: `${before.join('\n')}\n`, trustedCa: `${after.join('\n')}\n` };
}
