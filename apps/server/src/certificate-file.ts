/** CAs that settings point at. A file that holds none would let nobody in, or reach nobody, without a word. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from './config.ts';

/** PEM text of the file. @throws ConfigError that names the setting */
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
