import { strict as assert } from 'node:assert';
import { type SpawnOptions, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { send, startServer } from '@credplex/server/bench/environment';
import { createDatabase, startPostgres } from '@credplex/storage/testing';
import { type Client, client, type Program, stop } from './program.ts';

function file(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

const REQUIREMENTS = file('./schemathesis-requirements.txt');
const CACHE = file('../node_modules/.cache/credplex');
const SEED = '20261130';
/** Generous, because some requests generate many RSA keys on a busy machine. */
const REQUEST_TIMEOUT_S = 300;
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];

function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const take = (part: Buffer): void => {
      output += part.toString();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('close', (status) => (status === 0 ? resolve(output) : reject(new Error(`${command}:\n${output}`))));
  });
}

/** Installs the pinned packages once into the cache of this clone, and returns the folder. */
async function installSchemathesis(): Promise<string> {
  const version = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
  const folder = join(CACHE, `schemathesis-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(`${folder}-`);
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
  await run('python3', [...args, '--target', unfinished, '-r', REQUIREMENTS]);
  renameSync(unfinished, folder);
  return folder;
}

/** Stores the credentials of the examples in the documents, so that some requests succeed. */
async function seed(operator: Client): Promise<void> {
  const bodies = [
    { name: '/production/db/credentials', type: 'json', value: { username: 'app' } },
    { name: '/production/db/password', type: 'password', value: 'first' },
  ];
  for (const body of bodies) assert.equal((await operator.call('PUT', '/api/v1/data', body)).status, 200);
  const parameters = { common_name: 'ca', is_ca: true };
  const ca = { name: '/production/ca', type: 'certificate', parameters };
  assert.equal((await operator.call('POST', '/api/v1/data', ca)).status, 200);
  const leaf = { name: '/production/web/tls', type: 'certificate', parameters: { common_name: 'a', ca: ca.name } };
  assert.equal((await operator.call('POST', '/api/v1/data', leaf)).status, 200);
}

/** Number of operations per access token, which would expire during a run of all. */
const GROUP = { small: 100, whole: 3 };
/** Number of examples per operation at full size. */
const WHOLE = 200;
/** Excluded, because it would make the server read-only. */
const EXCLUDED_OPERATION = 'setManagement';

interface Target {
  readonly document: string;
  readonly base: string;
  readonly examples: number;
  token(): Promise<string>;
}

function operationsOf(document: string): string[] {
  const { paths } = JSON.parse(readFileSync(document, 'utf8')) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const all = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  return all.filter((operation) => operation !== EXCLUDED_OPERATION);
}

/** Runs the checks and returns the number of requests. @throws Error with the report when a check fails */
async function check(folder: string, { document, base, token, examples }: Target): Promise<number> {
  const path = file(`../docs/reference/openapi/${document}.json`);
  const operations = operationsOf(path);
  const isWhole = examples >= WHOLE;
  const size = isWhole ? GROUP.whole : GROUP.small;
  // The requests at the limits of each schema take most of the time.
  const phases = isWhole ? 'examples,coverage,fuzzing' : 'examples,fuzzing';
  let count = 0;
  for (let at = 0; at < operations.length; at += size) {
    const bearer = await token();
    const output = await run(
      'python3',
      [
        ...['-c', 'from schemathesis.cli import schemathesis; schemathesis()', 'run', path, '--no-color'],
        ...['--url', base, '--tls-verify', 'false', '--header', `Authorization: Bearer ${bearer}`],
        ...['--request-timeout', String(REQUEST_TIMEOUT_S)],
        ...['--checks', CHECKS.join(','), '--phases', phases, '--warnings', 'off'],
        ...['--max-examples', String(examples), '--seed', SEED, '--generation-database', 'none'],
        ...operations.slice(at, at + size).flatMap((operation) => ['--include-operation-id', operation]),
      ],
      { cwd: dirname(folder), env: { PATH: process.env['PATH'], PYTHONPATH: folder } },
    );
    const passed = /(\d+) generated, (\d+) passed/.exec(output);
    assert.ok(passed !== null && passed[1] === passed[2], output);
    count += Number(passed[2]);
    // Requests without a valid token prove nothing.
    const paths = ['/version', '/v1/auth/whoami'];
    const headers = { authorization: `Bearer ${bearer}` };
    const answers = await Promise.all(paths.map((target) => send(`${base}${target}`, { method: 'GET', headers })));
    assert.ok(
      answers.some(({ status }) => status === 200),
      'the token expired before the requests were through',
    );
  }
  return count;
}

async function checkLevel(folder: string, level: 1 | 2, examples: number): Promise<number> {
  const postgres = await startPostgres();
  const dataDir = mkdtempSync(join(tmpdir(), 'credplex-schemathesis-'));
  const server = await startServer({
    CREDPLEX_DATABASE_URL: await createDatabase({ server: postgres.url, empty: true }),
    CREDPLEX_DATA_DIR: dataDir,
    CREDPLEX_LEVEL: String(level),
  });
  try {
    const operator = await client(server, dataDir);
    await seed(operator);
    const { base } = server;
    const document = level === 1 ? 'credhub-level-1' : 'credhub';
    const count = await check(folder, { document, base, token: operator.token, examples });
    if (level === 1) return count;
    const { plexsphere_token } = JSON.parse(readFileSync(join(dataDir, 'operator.json'), 'utf8')) as {
      plexsphere_token: string;
    };
    const token = async (): Promise<string> => plexsphere_token;
    return count + (await check(folder, { document: 'plexsphere', base, token, examples }));
  } finally {
    await stop(server);
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export const schemathesis: Program = {
  name: 'schemathesis',
  proves: 'every answer has a status, a media type and a shape that OpenAPI declares, whatever is sent',
  sizes: { small: 20, whole: WHOLE },
  async run(examples) {
    const folder = await installSchemathesis();
    const counts = [await checkLevel(folder, 1, examples), await checkLevel(folder, 2, examples)];
    return `${counts.reduce((sum, count) => sum + count)} requests to both APIs at both levels, none answered otherwise`;
  },
};
