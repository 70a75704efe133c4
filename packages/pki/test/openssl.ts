import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a foreign judge says is skipped where there is none; `.ci/run` installs it. */
export const noOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status !== 0;
if (noOpenssl) process.stdout.write('skipped: what openssl judges (the Debian package openssl is not installed)\n');

/** Runs `openssl` on texts that it reads as files; `{NAME}` in an argument is the path of that text. Gives its output. */
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
