/** Reads the CA files of settings. A file without a certificate is an error, because it would silently trust nobody. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from './config.ts';

/** Returns the PEM text of the file. @throws ConfigError that names the setting */
export function readCertificates(setting: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(resolve(path), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(`${setting}: cannot read the file ${path} (${code})`);
  }
  try {
    new X509Certificate(text);
  } catch {
    throw new ConfigError(`${setting}: ${path} holds no certificate (PEM)`);
  }
  return text;
}
