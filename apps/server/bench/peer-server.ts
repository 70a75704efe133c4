/** A second Credplex beside the one of the environment, with its own data folder and other settings. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchEnvironment, connectOperator, type Operator, startServer, terminate } from './environment.ts';

export interface PeerServer {
  readonly base: string;
  readonly pid: number;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly token: Operator['token'];
  readonly call: Operator['call'];
  stop(): Promise<void>;
}

/** `databaseUrl`: default the database of the environment, with the keys and the operator of its server. */
export async function startPeerServer(
  environment: BenchEnvironment,
  options: { databaseUrl?: string; env?: Record<string, string> } = {},
): Promise<PeerServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'credplex-peer-'));
  if (options.databaseUrl === undefined) cpSync(environment.dataDir, dataDir, { recursive: true });
  const databaseUrl = options.databaseUrl ?? environment.databaseUrl;
  const server = await startServer({
    CREDPLEX_DATABASE_URL: databaseUrl,
    CREDPLEX_DATA_DIR: dataDir,
    CREDPLEX_LEVEL: '2',
    ...options.env,
  });
  const operator = await connectOperator(server.base, dataDir);
  return {
    base: server.base,
    pid: server.process.pid ?? 0,
    databaseUrl,
    dataDir,
    token: operator.token,
    call: operator.call,
    async stop() {
      await terminate(server.process);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
