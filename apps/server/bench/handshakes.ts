/** Benchmarks connections that carry one request each, with full handshakes and with resumed sessions. */
import { Worker } from 'node:worker_threads';
import type { BenchEnvironment } from './environment.ts';
import { cpuSeconds } from './processes.ts';
import type { Line } from './report.ts';
import { round, spread, summary } from './stats.ts';

export interface HandshakeLoad {
  readonly base: string;
  readonly connections: number;
  readonly seconds: number;
  readonly resumes: boolean;
  /** PEM texts. */
  readonly client?: { readonly cert: string; readonly key: string };
}

export interface HandshakeResult {
  readonly connections: number;
  readonly resumed: number;
  readonly failures: number;
  readonly perSecond: number;
}

export function openConnections(load: HandshakeLoad): Promise<HandshakeResult> {
  const worker = new Worker(new URL('./handshake-worker.ts', import.meta.url), { workerData: load });
  return new Promise((resolve, reject) => {
    worker.once('message', (offered: HandshakeResult) => resolve(offered));
    worker.once('error', reject);
  });
}

interface HandshakePlan {
  readonly pairs: number;
  readonly seconds: number;
}

/** Measures the bare server and Credplex in turn. */
export async function benchHandshakes(environment: BenchEnvironment, plan: HandshakePlan): Promise<Line[]> {
  const lines: Line[] = [];
  for (const resumes of [false, true]) {
    for (const connections of [1, 10]) {
      const common = { connections, seconds: plan.seconds, resumes };
      const ratios: number[] = [];
      const rates: number[] = [];
      const cpu: number[] = [];
      let resumed = 0;
      let failures = 0;
      for (let pair = 0; pair < plan.pairs; pair += 1) {
        const bare = await openConnections({ ...common, base: environment.bare.base });
        const before = cpuSeconds(environment.server.pid ?? 0);
        const ours = await openConnections({ ...common, base: environment.base });
        cpu.push(((cpuSeconds(environment.server.pid ?? 0) - before) / ours.connections) * 1000);
        ratios.push(ours.perSecond / bare.perSecond);
        rates.push(ours.perSecond);
        resumed += ours.resumed;
        failures += ours.failures + bare.failures;
      }
      const figures = [connections, spread(summary(ratios)), spread(summary(rates), 0), round(summary(cpu).median)];
      const name = resumes ? 'resumed session' : 'full handshake';
      lines.push({ group: 'handshakes', text: [name, ...figures, resumed, failures].join(' | ') });
    }
  }
  return lines;
}
