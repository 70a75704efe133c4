/** Generates load with keep-alive connections that send one request at a time until the time is over. */
import { Agent, request } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';
import { CIPHER_SUITE, type Load, type LoadResult } from './load.ts';

const load = workerData as Load;
const agent = new Agent({
  keepAlive: true,
  maxSockets: load.connections,
  rejectUnauthorized: false,
  ciphers: CIPHER_SUITE,
});
const run = Math.floor(Math.random() * 1e9);
let counter = 0;

function fill(text: string): string {
  counter += 1;
  const n = Math.floor(Math.random() * load.range);
  return text
    .replace('{n}', String(n))
    .replace('{f}', String(Math.floor(n / 100)))
    .replace('{u}', `${run}-${counter}`)
    .replace('{id}', load.ids?.[n % load.ids.length] ?? '');
}

function sendRequest(): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(
      new URL(fill(load.path), load.base),
      {
        agent,
        method: load.method,
        headers: { authorization: `Bearer ${load.token}`, 'content-type': 'application/json' },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve((answer.statusCode ?? 0) < 400));
      },
    );
    sent.once('error', () => resolve(false));
    sent.end(load.body === undefined ? undefined : fill(load.body));
  });
}

const latencies: number[] = [];
let failures = 0;
const started = performance.now();
const end = started + load.seconds * 1000;

async function connection(): Promise<void> {
  while (performance.now() < end) {
    const sent = performance.now();
    if (!(await sendRequest())) failures += 1;
    latencies.push(performance.now() - sent);
  }
}

await Promise.all(Array.from({ length: load.connections }, connection));
const seconds = (performance.now() - started) / 1000;
latencies.sort((a, b) => a - b);
const result: LoadResult = {
  requests: latencies.length,
  perSecond: latencies.length / seconds,
  p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? Number.NaN,
  p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
  failures,
};
agent.destroy();
parentPort?.postMessage(result);
