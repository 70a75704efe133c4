import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Agent, request } from 'undici';
import { freePort, spawnPiped, waitForExit, waitForOutput, withParentDeathSignal } from './process.ts';
import { selfSigned, type TestIdentity } from './self-signed.ts';

export interface TestOpenBao {
  readonly address: string;
  readonly pid: number;
  /** A root token. */
  readonly token: string;
  /** PEM of the listener's certificate; undefined without TLS. */
  readonly ca: string | undefined;
  /** Path of a file with that certificate, for `--ca-cert` and `BAO_CACERT`. */
  readonly caFile: string | undefined;
  /** Path of the `bao` binary. */
  readonly binary: string;
  /** Runs `bao <args>` against the server and returns its standard output. */
  bao(...args: string[]): string;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  stop(): Promise<void>;
}

/** Returns the path in CREDPLEX_BAO, or the binary that `scripts/openbao.mjs` fetched. */
export function baoBinary(): string {
  const given = process.env.CREDPLEX_BAO;
  if (given) return given;
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules/.cache/credplex/openbao-2.7.2/bao');
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) throw new Error('no bao binary: run node scripts/openbao.mjs');
  }
}

function configOf(listener: string, raft: string, cluster: string, cert: string, key: string): string {
  return `
disable_mlock = true
api_addr = "https://${listener}"
cluster_addr = "https://${cluster}"
listener "tcp" {
  address = "${listener}"
  cluster_address = "${cluster}"
  tls_cert_file = "${cert}"
  tls_key_file = "${key}"
}
storage "raft" {
  path = "${raft}"
  node_id = "one"
  performance_multiplier = 1
}
`;
}

const STARTED_WITH_RAFT = /core: security barrier not initialized|OpenBao server started!/;
const STARTED_IN_MEMORY = /Root Token: root/;

/** Runs the command line of OpenBao and returns what it prints. */
function runBao(binary: string, words: readonly string[], variables: Readonly<Record<string, string>>): string {
  const env = { PATH: process.env.PATH ?? '', ...variables };
  const done = spawnSync(binary, words, { env, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`bao ${words.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

export interface OpenBaoOptions {
  /** `dev`: in memory, plain HTTP, ready in half a second. `raft-tls`: initialised and unsealed, ready in about 3 s. */
  readonly kind: 'dev' | 'raft-tls';
  /** PEM. Default with `raft-tls`: a self-signed ECDSA certificate. */
  readonly tls?: Pick<TestIdentity, 'certificate' | 'privateKey'>;
}

/** Writes what a server with TLS and raft storage needs to `home`. Returns its arguments. */
function prepareRaft(
  home: string,
  port: number,
  { certificate, privateKey }: NonNullable<OpenBaoOptions['tls']>,
): string[] {
  const [certFile, keyFile] = [join(home, 'tls.crt'), join(home, 'tls.key')];
  writeFileSync(certFile, certificate);
  writeFileSync(keyFile, privateKey, { mode: 0o600 });
  mkdirSync(join(home, 'raft'));
  const config = configOf(`127.0.0.1:${port}`, join(home, 'raft'), `127.0.0.1:${port + 1}`, certFile, keyFile);
  writeFileSync(join(home, 'bao.hcl'), config);
  return ['server', `-config=${join(home, 'bao.hcl')}`];
}

/** Starts OpenBao with KV-v2 at `secret/`. */
export async function startOpenBao(options: OpenBaoOptions): Promise<TestOpenBao> {
  const binary = baoBinary();
  const home = mkdtempSync(join(tmpdir(), 'credplex-bao-'));
  const port = await freePort(true);
  const listener = `127.0.0.1:${port}`;
  const tls = options.kind === 'raft-tls';
  const address = `${tls ? 'https' : 'http'}://${listener}`;
  const caFile = join(home, 'tls.crt');
  let args = ['server', '-dev', '-dev-no-store-token', '-dev-root-token-id=root', `-dev-listen-address=${listener}`];
  let ca: string | undefined;
  if (tls) {
    const pair = options.tls ?? selfSigned('127.0.0.1');
    ca = pair.certificate;
    args = prepareRaft(home, port, pair);
  }
  const [command, commandArgs] = withParentDeathSignal('KILL', binary, args);
  const child = spawnPiped(command, commandArgs, { cwd: home });
  await waitForOutput(child, tls ? STARTED_WITH_RAFT : STARTED_IN_MEMORY, 'bao');

  const dispatcher = new Agent(ca ? { connect: { ca, allowPartialTrustChain: true } } : {});
  let token = 'root';
  let keys: string[] = [];
  const call = async (
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
  ): Promise<{ status: number; json: Record<string, unknown> }> => {
    const answer = await request(`${address}/v1/${path}`, {
      method,
      dispatcher,
      headers: { 'x-vault-token': token },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, json: text ? JSON.parse(text) : {} };
  };
  // The listener answers before the server is active and before a new mount is upgraded
  // (docs/reference/openbao-kv2.md#start-of-a-server).
  const until = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<void> => {
    for (let tries = 0; ; tries += 1) {
      const { status } = await call(method, path, body).catch(() => ({ status: 0 }));
      if (status === 200 || status === 204) return;
      if (tries > 600) throw new Error(`OpenBao did not come up: ${path} answers ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const unseal = async (): Promise<void> => {
    for (const key of keys) await call('PUT', 'sys/unseal', { key });
    await until('GET', 'sys/health');
    await until('GET', 'secret/config');
  };
  if (tls) {
    token = '';
    await until('GET', 'sys/seal-status');
    const { json } = await call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
    keys = json.keys as string[];
    for (const key of keys) await call('PUT', 'sys/unseal', { key });
    token = json.root_token as string;
    await until('GET', 'sys/health');
    await until('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  }
  await until('GET', 'secret/config');
  return {
    address,
    pid: child.pid ?? 0,
    token,
    ca,
    caFile: ca ? caFile : undefined,
    binary,
    bao(...words) {
      const given = { HOME: home, BAO_ADDR: address, BAO_TOKEN: token, ...(ca ? { BAO_CACERT: caFile } : {}) };
      return runBao(binary, words, given);
    },
    async seal() {
      await call('PUT', 'sys/seal');
    },
    unseal,
    async stop() {
      await dispatcher.destroy();
      child.kill('SIGKILL');
      await waitForExit(child);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
