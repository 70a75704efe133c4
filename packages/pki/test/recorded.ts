import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Secret } from '@credplex/core';

/** Reads recordings of a CredHub server; the field `about` of each file describes them. */
function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8'));
}

interface SetCase {
  name: string;
  value: { certificate: string; ca?: string; private_key?: string };
  /** One of these texts. */
  errors?: string[];
  answer?: { certificate_authority: boolean; self_signed: boolean; expiry_date: string };
}

export const setCertificate = read('set-certificate.json') as {
  fixtures: Record<string, string>;
  cases: SetCase[];
};

export interface IssuedCase {
  name: string;
  parameters: Record<string, unknown>;
  subject: string;
  days: number;
  exts: { oid: string; critical: boolean; der?: string }[];
}

export const generateCertificate = read('generate-certificate.json') as {
  issued: IssuedCase[];
  alternativeNames: { name: string; taken: boolean }[];
};

export function fixture(name: string): string {
  const text = setCertificate.fixtures[name];
  if (text === undefined) throw new RangeError(`no fixture ${name}`);
  return text;
}

/** `{{fx.NAME}}` of the recordings. */
export function resolve(text: string): string {
  return text.replace(/\{\{fx\.(\w+)\}\}/g, (_, name: string) => fixture(name));
}

/** Returns a key pair of the fixtures, because generating RSA keys is slow. */
export function rsaKeys(name: string): { privateKey: Secret; publicKey: string } {
  const privateKey = new Secret(fixture(name));
  const publicKey = createPublicKey(privateKey.reveal()).export({ type: 'spki', format: 'pem' }).toString();
  return { privateKey, publicKey };
}
