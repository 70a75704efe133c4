/**
 * Benchmarks get and set at OpenBao's KV-v2 (raft storage), at Credplex, and at a second Credplex whose vault is that OpenBao.
 * A round measures all three in turn, with the same TLS files; only ratios within rounds are compared.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { type BenchEnvironment, send } from './environment.ts';
import { type Goals, goalLine } from './goals.ts';
import { generateLoad, type LoadResult } from './load.ts';
import { startPeerServer } from './peer-server.ts';
import { cpuSeconds } from './processes.ts';
import type { Line } from './report.ts';
import type { Plan } from './requests.ts';
import type { Shape } from './scenarios.ts';
import { round, type Summary, spread, summary } from './stats.ts';

interface Scenario {
  readonly name: string;
  readonly direct: Shape;
  readonly ours: Shape;
  /** Of Credplex with its own vault, and with OpenBao as its vault. */
  readonly goals: Goals;
  readonly vaultGoals: Goals;
  /** Of the 99th percentile with its own vault. */
  readonly p99Goals: Goals;
}

const VALUE = 'a-value-of-thirty-characters-x';
const NAMES = 1_000;
const WARM_UP_SECONDS = 3;
const WARM_UP_CONNECTIONS = 10;

const scenarios: readonly Scenario[] = [
  {
    name: 'get',
    direct: { method: 'GET', path: '/v1/secret/data/peer/n{n}' },
    ours: { method: 'GET', path: '/api/v1/data?name=/peer/n{n}' },
    goals: { 1: 1.1, 10: 1.8, 50: 2.3 },
    vaultGoals: { 10: 0.4 },
    p99Goals: { 50: 1 },
  },
  {
    name: 'set',
    direct: { method: 'POST', path: '/v1/secret/data/peer-set/{u}', body: `{"data":{"value":"${VALUE}"}}` },
    ours: {
      method: 'PUT',
      path: '/api/v1/data',
      body: `{"name":"/peer-set/{u}","type":"password","value":"${VALUE}"}`,
    },
    goals: { 1: 2, 10: 2.5, 50: 4 },
    vaultGoals: { 10: 0.5 },
    p99Goals: {},
  },
];

/** A server under load, and how to measure its processor time. */
interface Target {
  readonly base: string;
  readonly pid: number;
  readonly token: () => Promise<string>;
}

interface Peer {
  readonly bao: Target;
  /** Credplex with OpenBao as its vault. */
  readonly vault: Target;
  stop(): Promise<void>;
}

async function inParallel(count: number, act: (n: number) => Promise<{ status: number; text: string }>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      const { status, text } = await act(n);
      if (status !== 200) throw new Error(`seeding: ${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
}

function seedOpenBao({ address, token }: TestOpenBao): Promise<void> {
  const body = JSON.stringify({ data: { value: VALUE } });
  return inParallel(NAMES, (n) =>
    send(`${address}/v1/secret/data/peer/n${n}`, { method: 'POST', headers: { 'x-vault-token': token }, body }),
  );
}

function seedCredplex({ call }: Pick<BenchEnvironment, 'call'>): Promise<void> {
  return inParallel(NAMES, (n) => call('PUT', '/api/v1/data', { name: `/peer/n${n}`, type: 'password', value: VALUE }));
}

/** Starts OpenBao with the TLS files of the environment's server, and a Credplex that uses it as its vault. */
async function startPeer(environment: BenchEnvironment): Promise<Peer> {
  const read = (name: string): string => readFileSync(join(environment.dataDir, 'tls', name), 'utf8');
  const bao = await startOpenBao({
    kind: 'raft-tls',
    tls: { certificate: read('server.pem'), privateKey: read('server.key') },
  });
  const server = await startPeerServer(environment, {
    databaseUrl: await createDatabase({ server: environment.postgresUrl, empty: true }),
    env: {
      CREDPLEX_VAULT: 'openbao',
      CREDPLEX_OPENBAO_ADDRESS: bao.address,
      CREDPLEX_OPENBAO_TOKEN: bao.token,
      CREDPLEX_OPENBAO_CA: bao.caFile ?? '',
    },
  });
  await seedOpenBao(bao);
  await seedCredplex(server);
  return {
    bao: { base: bao.address, pid: bao.pid, token: async () => bao.token },
    vault: server,
    async stop() {
      await server.stop();
      await bao.stop();
    },
  };
}

interface Figures {
  readonly loads: LoadResult[];
  /** Seconds of processor time per 1,000 requests: of the server, and of OpenBao meanwhile. */
  readonly cpu: number[];
  readonly baoCpu: number[];
}

/** Compares both servers with OpenBao for one number of connections. */
async function measureRounds(
  environment: BenchEnvironment,
  peer: Peer,
  plan: Plan,
  scenario: Scenario,
  connections: number,
): Promise<{ lines: Line[]; goals: Line[] }> {
  const plain: Target = { base: environment.base, pid: environment.server.pid ?? 0, token: environment.token };
  const measured = [
    { target: peer.bao, shape: scenario.direct },
    { target: plain, shape: scenario.ours },
    { target: peer.vault, shape: scenario.ours },
  ].map((one) => ({ ...one, figures: { loads: [], cpu: [], baoCpu: [] } as Figures }));
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    for (const { target, shape, figures } of measured) {
      const load = { ...shape, base: target.base, token: await target.token(), range: NAMES, connections };
      const before = [cpuSeconds(target.pid), cpuSeconds(peer.bao.pid)] as const;
      const result = await generateLoad({ ...load, seconds: plan.seconds });
      figures.loads.push(result);
      figures.cpu.push(((cpuSeconds(target.pid) - before[0]) / result.requests) * 1000);
      figures.baoCpu.push(((cpuSeconds(peer.bao.pid) - before[1]) / result.requests) * 1000);
    }
  }
  const [direct, own, vault] = measured.map(({ figures }) => figures);
  if (direct === undefined || own === undefined || vault === undefined) return { lines: [], goals: [] };
  const { name } = scenario;
  const ratiosOf = (ours: Figures, of: (load: LoadResult) => number): Summary =>
    summary(ours.loads.map((load, index) => of(load) / of(direct.loads[index] ?? load)));
  const perSecond = ({ perSecond: rate }: LoadResult): number => rate;
  const compared = [
    {
      operation: name,
      against: "OpenBao's KV-v2",
      figure: ratiosOf(own, perSecond),
      goal: scenario.goals[connections],
    },
    {
      operation: `${name} through the OpenBao vault`,
      against: "OpenBao's own",
      figure: ratiosOf(vault, perSecond),
      goal: scenario.vaultGoals[connections],
    },
    {
      operation: `p99 of ${name}`,
      against: "OpenBao's",
      figure: ratiosOf(own, ({ p99Ms }) => p99Ms),
      goal: scenario.p99Goals[connections],
      atMost: true,
    },
  ];
  return {
    lines: [
      lineOf(name, connections, ratiosOf(own, perSecond), own, direct),
      lineOf(`${name} through the OpenBao vault`, connections, ratiosOf(vault, perSecond), vault, direct),
    ],
    goals: compared.flatMap(({ goal, ...one }) =>
      goal === undefined ? [] : [goalLine({ ...one, connections, goal })],
    ),
  };
}

function lineOf(name: string, connections: number, ratio: Summary, ours: Figures, direct: Figures): Line {
  const median = (values: readonly number[], digits: number): string => round(summary(values).median, digits);
  const rates = (of: Figures): string =>
    median(
      of.loads.map(({ perSecond }) => perSecond),
      0,
    );
  const p99 = (of: Figures): string =>
    median(
      of.loads.map(({ p99Ms }) => p99Ms),
      1,
    );
  return {
    group: 'openbao',
    text: [
      name,
      connections,
      spread(ratio),
      rates(ours),
      rates(direct),
      p99(ours),
      p99(direct),
      median(ours.cpu, 2),
      median(ours.baoCpu, 2),
      median(direct.cpu, 2),
      [...ours.loads, ...direct.loads].reduce((sum, { failures }) => sum + failures, 0),
    ].join(' | '),
  };
}

/** All servers are new for each scenario, and warmed up. */
export async function benchOpenBao(environment: BenchEnvironment, plan: Plan): Promise<Line[]> {
  const lines: Line[] = [];
  await seedCredplex(environment);
  for (const scenario of scenarios) {
    await environment.restartServer();
    const peer = await startPeer(environment);
    try {
      const warmUp = { ...plan, pairs: 1, seconds: Math.min(WARM_UP_SECONDS, plan.seconds) };
      await measureRounds(environment, peer, warmUp, scenario, WARM_UP_CONNECTIONS);
      for (const connections of plan.connections) {
        const measured = await measureRounds(environment, peer, plan, scenario, connections);
        lines.push(...measured.lines, ...measured.goals);
        for (const line of measured.lines) process.stderr.write(`${line.text}\n`);
      }
    } finally {
      await peer.stop();
    }
  }
  return lines;
}
