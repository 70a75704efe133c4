/** Benchmarks rsa 2048 of the server against `crypto.generateKeyPair` with the same concurrency, interleaved; then during reads. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { BenchEnvironment } from './environment.ts';
import type { Line } from './report.ts';
import { round, spread, summary } from './stats.ts';

const generateKeyPairAsync = promisify(generateKeyPair);

async function perSecond(keys: number, atOnce: number, one: () => Promise<unknown>): Promise<number> {
  let left = keys;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return keys / ((performance.now() - started) / 1000);
}

export async function benchKeys(environment: BenchEnvironment, keys: number): Promise<Line[]> {
  let n = 0;
  const bare = () => generateKeyPairAsync('rsa', { modulusLength: 2048 });
  const ours = async () => {
    n += 1;
    const answer = await environment.call('POST', '/api/v1/data', {
      name: `/bench-rsa/${n}`,
      type: 'rsa',
      mode: 'overwrite',
    });
    if (answer.status !== 200) throw new Error(answer.text);
  };
  const rounds = 8;
  const share = Math.ceil(keys / rounds);
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const alone = await perSecond(share, 4, bare);
    const served = await perSecond(share, 4, ours);
    ratios.push(served / alone);
    rates.push(served);
  }
  const alone = summary(rates).median;

  const loaded: number[] = [];
  const p99: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    const reads = measureP99AtRate(environment, 200, 10);
    loaded.push(await perSecond(Math.ceil(share / 2), 4, ours));
    p99.push(await reads);
  }
  return [
    {
      group: 'keys',
      text: `rsa 2048, ${keys} keys, 4 at once, of crypto.generateKeyPair | ${spread(summary(ratios))} | 0.9`,
    },
    { group: 'keys', text: `gets' p99 ms with 200 gets/s offered beside it | ${spread(summary(p99), 1)} | 50` },
    {
      group: 'keys',
      text: `keygen beside 200 gets/s, of keygen alone | ${round(summary(loaded).median / alone)} | 0.7`,
    },
  ];
}

/** Sends gets at a fixed rate for some seconds; resolves to their p99 in ms, measured from the time when each was due. */
async function measureP99AtRate(
  environment: BenchEnvironment,
  perSecondRate: number,
  seconds: number,
): Promise<number> {
  const latencies: number[] = [];
  const started = performance.now();
  const sent: Promise<void>[] = [];
  for (let i = 0; i < perSecondRate * seconds; i += 1) {
    const due = started + (i * 1000) / perSecondRate;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    sent.push(
      environment
        .call('GET', '/api/v1/data?name=/bench/f0/n1')
        .then(() => void latencies.push(performance.now() - due)),
    );
  }
  await Promise.all(sent);
  latencies.sort((a, b) => a - b);
  return latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
}
