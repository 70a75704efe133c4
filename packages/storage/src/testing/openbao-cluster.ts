import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { baoBinary } from './openbao.ts';
import { freePort, spawnPiped, waitForExit, waitForOutput, withParentDeathSignal } from './process.ts';

interface TestOpenBaoNode {
  readonly address: string;
  stop(): Promise<void>;
}

export interface TestOpenBaoCluster {
  /** The active node first; a step-down changes that. */
  readonly nodes: readonly TestOpenBaoNode[];
  /** A root token. */
  readonly token: string;
  call(node: TestOpenBaoNode, method: Method, path: string, options?: CallOptions): Promise<Reply>;
  stop(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: callers read answers of every shape
  readonly json: any;
}

interface NodeConfig {
  readonly home: string;
  readonly name: string;
  readonly port: number;
}

/** A multiplier of 1 makes elections take seconds; the static seal unseals restarted and joined nodes by itself. */
function configOf({ home, name, port }: NodeConfig, keyFile: string, leaderPort: number): string {
  return `
api_addr = "http://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${port + 1}"
listener "tcp" {
  address = "127.0.0.1:${port}"
  cluster_address = "127.0.0.1:${port + 1}"
  tls_disable = true
}
seal "static" {
  current_key_id = "test"
  current_key = "file://${keyFile}"
}
storage "raft" {
  path = "${join(home, name)}"
  node_id = "${name}"
  performance_multiplier = 1
  ${port === leaderPort ? '' : `retry_join { leader_api_addr = "http://127.0.0.1:${leaderPort}" }`}
}
`;
}

/**
 * Starts three OpenBao nodes on raft storage, plain HTTP, with KV-v2 at `secret/`. Resolves when all three are voters; takes about
 * 20 s and 500 MiB.
 */
export async function startOpenBaoCluster(): Promise<TestOpenBaoCluster> {
  const binary = baoBinary();
  const home = mkdtempSync(join(tmpdir(), 'credplex-bao-raft-'));
  const keyFile = join(home, 'seal.key');
  // Without a line break, because OpenBao would treat it as part of the key.
  writeFileSync(keyFile, randomBytes(32).toString('hex'), { mode: 0o600 });
  const nodes: TestOpenBaoNode[] = [];
  let token = '';

  async function startNode(name: string, port: number, leaderPort: number): Promise<TestOpenBaoNode> {
    mkdirSync(join(home, name));
    const file = join(home, `${name}.hcl`);
    writeFileSync(file, configOf({ home, name, port }, keyFile, leaderPort));
    const child = spawnPiped(...withParentDeathSignal('KILL', binary, ['server', `-config=${file}`]), { cwd: home });
    await waitForOutput(child, /OpenBao server started!|security barrier not initialized/, 'bao');
    const node = {
      address: `http://127.0.0.1:${port}`,
      async stop() {
        child.kill('SIGKILL');
        await waitForExit(child);
      },
    };
    nodes.push(node);
    return node;
  }

  const call: TestOpenBaoCluster['call'] = async (node, method, path, { body, headers = {} } = {}) => {
    const answer = await request(`${node.address}/v1/${path}`, {
      method,
      headers: { 'x-vault-token': token, ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text) };
  };

  async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; !(await isTrue().catch(() => false)); tries += 1) {
      if (tries > 1200) throw new Error(`the OpenBao cluster did not get ready: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function stop(): Promise<void> {
    await Promise.all(nodes.map((node) => node.stop()));
    rmSync(home, { recursive: true, force: true });
  }

  try {
    const leaderPort = await freePort(true);
    const leader = await startNode('one', leaderPort, leaderPort);
    await until('init', async () => {
      const { status, json } = await call(leader, 'PUT', 'sys/init', {
        body: { recovery_shares: 1, recovery_threshold: 1 },
      });
      if (status === 200) token = json.root_token;
      return status === 200;
    });
    await until('active', async () => (await call(leader, 'GET', 'sys/health')).status === 200);
    await call(leader, 'POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '2' } } });
    for (const name of ['two', 'three']) await startNode(name, await freePort(true), leaderPort);
    await until('three voters', async () => {
      const { json } = await call(leader, 'GET', 'sys/storage/raft/configuration');
      const servers: { voter: boolean }[] = json.data.config.servers;
      return servers.filter(({ voter }) => voter).length === 3;
    });
    for (const node of nodes) {
      await until('KV-v2 everywhere', async () => (await call(node, 'GET', 'secret/config')).status === 200);
    }
    return { nodes, token, call, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
