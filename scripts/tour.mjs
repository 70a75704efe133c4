// Runs the README's quick tour as written: a fresh clone of HEAD, an empty HOME, the first block (`npm start`) in the
// background, the rest in one bash in order.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const work = mkdtempSync(join(tmpdir(), 'credplex-tour-'));
const clone = join(work, 'credplex');
const home = join(work, 'home');
function runOrFail(command, args, options = {}) {
  const done = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status}`);
}
runOrFail('git', ['clone', '--quiet', '--no-hardlinks', process.cwd(), clone]);
runOrFail('mkdir', [home]);

const readme = readFileSync(join(clone, 'README.md'), 'utf8');
const section = /## Quick tour\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
const [start, ...steps] = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]);
if (start === undefined || steps.length === 0) throw new Error('README.md has no quick tour');

// The tour must find its own runtime: nothing of this checkout's node_modules on PATH.
const path = process.env.PATH.split(':')
  .filter((part) => !part.includes('node_modules'))
  .join(':');
const env = { PATH: path, HOME: home, LANG: 'C.UTF-8', TERM: 'dumb', USER: process.env.USER ?? 'root' };
const server = spawn('bash', ['-ec', start], { cwd: clone, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
const ready = new Promise((resolve, reject) => {
  let seen = '';
  server.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    seen += chunk;
    if (/https:\/\/localhost:8844/.test(seen)) resolve();
  });
  server.once('exit', (code) => reject(new Error(`the start command ended with ${code}`)));
  setTimeout(() => reject(new Error('the server did not start in 5 minutes')), 300_000).unref();
});
let status = 1;
try {
  await ready;
  const tour = spawnSync('bash', ['-euxo', 'pipefail', '-c', steps.join('\n')], {
    cwd: clone,
    env,
    stdio: 'inherit',
    timeout: 300_000,
  });
  status = tour.status ?? 1;
} finally {
  server.removeAllListeners('exit');
  const stopped = new Promise((resolve) => server.once('exit', resolve));
  if (server.exitCode === null) {
    process.kill(-server.pid, 'SIGINT');
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 20_000))]);
  }
  rmSync(work, { recursive: true, force: true });
}
process.stdout.write(status === 0 ? 'The tour works as written.\n' : 'The tour failed.\n');
process.exit(status);
