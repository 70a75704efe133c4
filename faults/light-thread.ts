/** Sends light requests on two connections until stopped; reports their number, the longest duration and failures. */
import { Agent, request } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';

export interface LightLoad {
  readonly base: string;
  readonly token: string;
}

export interface LightResult {
  readonly count: number;
  readonly longestMs: number;
  readonly failures: readonly string[];
}

const { base, token } = workerData as LightLoad;
const agent = new Agent({ keepAlive: true, maxSockets: 2, rejectUnauthorized: false });
const headers = { authorization: `bearer ${token}`, 'content-type': 'application/json' };
const TASKS = [
  ['GET', '/api/v1/data?name=/light&current=true', undefined],
  ['PUT', '/api/v1/data', JSON.stringify({ name: '/light', type: 'value', value: 'light' })],
] as const;

let seen = { count: 0, longestMs: 0, failures: [] as string[] };
let stopped = false;

function sendRequest(method: string, path: string, body: string | undefined): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request(new URL(path, base), { agent, method, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', (error) => resolve(error.message));
    sent.end(body);
  });
}

async function worker(n: number): Promise<void> {
  const [method, path, body] = TASKS[n % TASKS.length] ?? TASKS[0];
  while (!stopped) {
    const started = performance.now();
    const status = await sendRequest(method, path, body);
    seen.count += 1;
    seen.longestMs = Math.max(seen.longestMs, performance.now() - started);
    if (status !== 200) seen.failures.push(`${method} ${path}: ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

parentPort?.on('message', (message: 'take' | 'stop') => {
  parentPort?.postMessage(seen satisfies LightResult);
  seen = { count: 0, longestMs: 0, failures: [] };
  if (message === 'stop') stopped = true;
});

await Promise.all([worker(0), worker(1)]);
agent.destroy();
parentPort?.close();
