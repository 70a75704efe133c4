import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Tests that need openssl are skipped without it; `.ci/run` installs it. */
export const noOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status !== 0;
if (noOpenssl) process.stdout.write('skipped: tests that need openssl (Debian package openssl)\n');

/** Writes texts to files, runs `openssl`, and returns its output. `{NAME}` in an argument is the path of a file. */
export function openssl(files: Record<string, string>, ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-pki-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const paths = args.map((arg) => arg.replace(/\{(\w+)\}/, (_, name: string) => join(folder, name)));
    return execFileSync('openssl', paths, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
