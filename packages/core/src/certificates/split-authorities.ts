/**
 * Tells the CA that signed from the one that is trusted in a text that holds both, as releases before
 * docs/reference/storage.md's "Rows of earlier releases" stored them.
 */
import { type CaPair, trustedBeside } from '../types/certificate-authorities.ts';

export interface JoinedAuthorities {
  /** Of the credential, as it is spelled there. */
  readonly name: string;
  readonly certificate: string | null;
  /** One CA, or two of them in either order. */
  readonly ca: string;
  readonly caName: string | null;
}

/** What is known about the CA that a certificate names. */
export interface NamedCa {
  /** Whether a version of the CA has exactly this text as its certificate, blanks around it apart. */
  hasVersion(text: string): Promise<boolean>;
  /** Certificate texts of versions that may have signed, the likeliest first. Read only as far as needed. */
  candidates(): AsyncIterable<string>;
  /** Of the present versions. */
  pair(): Promise<CaPair>;
}

export interface SplitAuthorities {
  readonly ca: string;
  readonly trustedCa: string | null;
  /** `false`: no known CA verifies the certificate, `ca` is as it was. */
  readonly verified: boolean;
}

/** Whether the first certificate of `ca` verifies `certificate`; `false` for texts that cannot be read. */
export type IsSignedBy = (certificate: string, ca: string) => boolean;

/** Returns the signing CA and the trusted CA of a stored certificate. The signing CA verifies it, unless none was found. */
export async function splitAuthorities(
  row: JoinedAuthorities,
  named: NamedCa,
  isSignedBy: IsSignedBy,
): Promise<SplitAuthorities> {
  const { certificate, ca } = row;
  // A text that a client gave was checked when it was set, and was never joined with another.
  if (certificate === null || !namesAnotherCa(row)) return { ca, trustedCa: null, verified: true };
  const blocks = pemBlocks(ca);
  const signing = blocks.findIndex((block) => isSignedBy(certificate, block));
  if (signing === 0 && (blocks.length === 1 || (await named.hasVersion(ca)))) {
    return { ca, trustedCa: null, verified: true };
  }
  if (signing >= 0) return { ...partsOf(blocks, signing), verified: true };
  for await (const candidate of named.candidates()) {
    if (!isSignedBy(certificate, candidate)) continue;
    return { ca: candidate, trustedCa: trustedBeside(candidate, await named.pair()), verified: true };
  }
  return { ca, trustedCa: null, verified: false };
}

function namesAnotherCa({ name, caName }: JoinedAuthorities): boolean {
  return caName !== null && caName.toLowerCase() !== name.toLowerCase();
}

function pemBlocks(text: string): string[] {
  return text.match(/-----BEGIN ([^-\r\n]+)-----[\s\S]*?-----END \1-----/g) ?? [];
}

/** Each of the two CAs may itself be several PEM objects; the signing one is first in its own. */
function partsOf(blocks: readonly string[], signing: number): { ca: string; trustedCa: string } {
  const [before, after] =
    signing === 0 ? [blocks.slice(0, 1), blocks.slice(1)] : [blocks.slice(signing), blocks.slice(0, signing)];
  return { ca: `${before.join('\n')}\n`, trustedCa: `${after.join('\n')}\n` };
}
