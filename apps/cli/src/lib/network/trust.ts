import { readFileSync } from 'node:fs';

// Where crypto/x509 of Go looks on Linux; other systems are asked through node:tls.
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

// DER of anything longer than 127 bytes begins with 0x30 0x8_, which is MI in base64.
const CERTIFICATE = /-----BEGIN CERTIFICATE-----\s*MI[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates in a text; everything else is left out, as Go does, because OpenSSL stops at text it cannot read. */
export function certificatesIn(text: string): string[] {
  return text.match(CERTIFICATE) ?? [];
}

/**
 * The system's certificate authorities: SSL_CERT_FILE alone where it is set, else the system's bundle, else what Node
 * knows of the system, else the list that Node carries.
 */
export async function systemAuthorities(env: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const file = env.SSL_CERT_FILE;
  if (file) return certificatesIn(readOptional(file) ?? '');
  if (process.platform === 'linux') {
    for (const path of BUNDLES) {
      const text = readOptional(path);
      if (text !== undefined) return certificatesIn(text);
    }
  }
  const tls = await import('node:tls');
  const system = tls.getCACertificates('system');
  return system.length > 0 ? system : tls.rootCertificates;
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
