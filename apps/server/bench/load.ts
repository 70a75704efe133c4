/** Generates load with `wrk` if it is installed, else with worker threads. Only towards 127.0.0.1. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

export interface Load {
  /** `https://127.0.0.1:port` */
  readonly base: string;
  readonly connections: number;
  readonly seconds: number;
  readonly token: string;
  readonly method: 'GET' | 'PUT' | 'POST';
  /** `{n}` is a random number in [0, range), `{f}` is `{n}` / 100, `{u}` is unique, and `{id}` is one of `ids`. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly range: number;
  readonly ids?: readonly string[] | undefined;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

export function loadTool(): 'wrk' | 'own worker' {
  return spawnSync('wrk', ['-v']).error ? 'own worker' : 'wrk';
}

function lua(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** The only cipher suite that clients offer: OpenBao would choose another one than Node does, which costs less. */
export const CIPHER_SUITE = 'TLS_AES_256_GCM_SHA384';
const OPENSSL_CONFIG = `openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = tls
[tls]
MinProtocol = TLSv1.3
Ciphersuites = ${CIPHER_SUITE}
`;

function wrkScript(load: Load): string {
  return `
local counter = 0
local ids = {${(load.ids ?? []).map(lua).join(',')}}
local base = os.time() % 100000 * 1000
math.randomseed(os.time())
local fill = function(text)
  counter = counter + 1
  local n = math.random(0, ${load.range - 1})
  local u = string.format("%d-%d-%d", base, counter, math.random(1, 1000000000))
  local filled = text:gsub("{n}", tostring(n)):gsub("{f}", tostring(math.floor(n / 100))):gsub("{u}", u)
  if #ids > 0 then filled = filled:gsub("{id}", ids[n % #ids + 1]) end
  return filled
end
request = function()
  return wrk.format(${lua(load.method)}, fill(${lua(load.path)}), wrk.headers, ${load.body === undefined ? 'nil' : `fill(${lua(load.body)})`})
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
`;
}

async function withWrk(load: Load): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-wrk-'));
  try {
    const script = join(folder, 'load.lua');
    writeFileSync(script, wrkScript(load));
    const openssl = join(folder, 'openssl.cnf');
    writeFileSync(openssl, OPENSSL_CONFIG);
    const { stdout } = await promisify(execFile)(
      'wrk',
      [
        '-t1',
        `-c${load.connections}`,
        `-d${load.seconds}s`,
        '-H',
        `authorization: Bearer ${load.token}`,
        '-H',
        'content-type: application/json',
        '-s',
        script,
        load.base,
      ],
      { env: { ...process.env, OPENSSL_CONF: openssl } },
    );
    const [, requests, micros, p50, p99, failures] = /RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)/.exec(stdout) ?? [];
    if (requests === undefined) throw new Error(`unexpected output of wrk: ${stdout.slice(0, 500)}`);
    return {
      requests: Number(requests),
      perSecond: Number(requests) / (Number(micros) / 1e6),
      p50Ms: Number(p50),
      p99Ms: Number(p99),
      failures: Number(failures),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function withWorker(load: Load): Promise<LoadResult> {
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { workerData: load });
  return new Promise((resolve, reject) => {
    worker.once('message', (offered: LoadResult) => resolve(offered));
    worker.once('error', reject);
  });
}

export function generateLoad(load: Load): Promise<LoadResult> {
  return loadTool() === 'wrk' ? withWrk(load) : withWorker(load);
}

/** @throws Error when more than one request of a hundred failed: the figures would be those of errors */
export function requireAnswers({ requests, failures }: LoadResult): void {
  if (failures > requests / 100) throw new Error(`${failures} of ${requests} requests failed`);
}
