/** Runs curl commands as a document prints them: only what stands around a command makes them reach the server under test. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestServer } from './server.ts';

/** Commands of documents are skipped where there is no curl; `.ci/run` installs it. */
export const noCurl = spawnSync('curl', ['--version'], { stdio: 'ignore' }).status !== 0;
if (noCurl) process.stdout.write('skipped: what documents show with curl (the Debian package curl is not installed)\n');

export interface CurlAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * A shell in which `https://example.com` is the server, its CA is trusted, and `certificate.pem` and `private_key.pem` are
 * those of the actor `app`.
 */
export function curlShell(server: TestServer): (command: string) => Promise<CurlAnswer> {
  const folder = join(server.folder, 'curl');
  mkdirSync(folder, { recursive: true });
  const settings = [
    'silent',
    'show-error',
    `cacert = "${server.caFile}"`,
    `connect-to = "example.com:443:127.0.0.1:${new URL(server.url).port}"`,
    'write-out = "\\n%{http_code}"',
  ];
  writeFileSync(join(folder, '.curlrc'), `${settings.join('\n')}\n`);
  const app = server.actors.app;
  if (app !== undefined && 'cert' in app) {
    copyFileSync(app.cert, join(folder, 'certificate.pem'));
    copyFileSync(app.key, join(folder, 'private_key.pem'));
  }
  return (command) =>
    new Promise((resolve, reject) => {
      const env = { PATH: process.env.PATH, CURL_HOME: folder };
      const child = spawn('sh', ['-c', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      let complaint = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        complaint += chunk.toString();
      });
      child.once('error', reject);
      child.once('close', (code) => {
        if (code !== 0) return reject(new Error(`curl ended with ${code}: ${complaint}`));
        const end = out.lastIndexOf('\n');
        resolve({ status: Number(out.slice(end + 1)), text: out.slice(0, end) });
      });
    });
}
