// Runs the lines of a bundled program that are run most and keeps what V8 has compiled for them beside the bundle.
// bin/load-compiled.js reads it. A process of its own for each program, since it plays the program with its own streams.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { compile, compiledFile, run } = createRequire(import.meta.url)('../bin/load-compiled.js');

const name = process.argv[2];
const bundle = fileURLToPath(new URL(`../dist/${name}/start.js`, import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'credplex-compile-'));

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(answerTo(request.url ?? '')));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}`;

const lines = {
  credhub: [['--help'], ['get', '--help'], ['get', '-n', '/x', '-q'], ['get', '-n', '/x'], ['find', '-n', 'x']],
  plexctl: [['--help'], ['cloud', 'get', '--help'], ['whoami'], ['cloud', 'list', '--output', 'json']],
};
const settings = {
  credhub: { CREDHUB_SERVER: url, CREDHUB_CLIENT: 'client', CREDHUB_SECRET: 'secret' },
  plexctl: { PLEXSPHERE_URL: url, PLEXSPHERE_TOKEN: 'token' },
};

for (const variable of Object.keys(process.env)) {
  if (/^(CREDHUB|PLEXSPHERE|PLEXCTL|OCLIF)_|_proxy$/i.test(variable)) delete process.env[variable];
}
Object.assign(process.env, settings[name], { HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home });
const script = compile(bundle, undefined);
const { start } = run(script, bundle);
const stderr = process.stderr.write;
process.stderr.write = () => true;
for (const words of lines[name]) {
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...words);
  await start();
}
process.stderr.write = stderr;
writeFileSync(compiledFile(bundle), script.createCachedData());
rmSync(home, { recursive: true, force: true });
process.exit(0);

function answerTo(path) {
  if (path.startsWith('/api/v1/data?name-like')) return { credentials: [{ name: '/x', version_created_at: '' }] };
  if (path.startsWith('/api')) return { data: [{ id: 'i', name: '/x', type: 'value', value: 'v', metadata: null }] };
  if (path.startsWith('/uaa')) return { access_token: 'a.b.c', expires_in: 60, token_type: 'bearer' };
  if (path.startsWith('/v1/auth')) return { principal_type: 'user', subject: 'x', amr: [] };
  if (path.startsWith('/v1')) return { items: [{ id: 'x', slug: 'x' }], next_cursor: null };
  return { 'auth-server': { url: `${url}/uaa` } };
}
