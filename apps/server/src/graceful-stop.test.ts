import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { listenManagement, TIME_LIMITS } from './listen.ts';

const listen = (check: () => Promise<void>, stopIdle = 0) =>
  listenManagement({
    address: { host: '127.0.0.1', port: 0 },
    check,
    limits: { ...TIME_LIMITS, stopServer: 600_000, stopIdle },
  });

const request = (port: number, agent: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/health', agent }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer));
    }).once('error', reject);
  });

test('a stop ends while connections are busy: each gets its answer, the last one with Connection: close', async () => {
  const listening = await listen(() => new Promise((resolve) => setImmediate(resolve)), 500);
  const port = listening.addresses[0]?.port ?? 0;
  let answered = 0;
  const client = async (): Promise<string[]> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const seen: string[] = [];
    while (seen.at(-1) !== 'close') {
      const { statusCode, headers } = await request(port, agent);
      expect(statusCode).toBe(200);
      answered += 1;
      seen.push(headers.connection ?? '');
    }
    agent.destroy();
    return seen;
  };
  const clients = Array.from({ length: 8 }, client);
  await expect.poll(() => answered).toBeGreaterThan(100);
  await listening.close();
  for (const seen of await Promise.all(clients))
    expect(seen.slice(0, -1).every((one) => one === 'keep-alive')).toBe(true);
});

test('a request that is open when the stop begins gets its answer, and its connection is closed', async () => {
  const { promise: held, resolve: answer } = Promise.withResolvers<void>();
  let asked = false;
  const listening = await listen(() => {
    asked = true;
    return held;
  });
  const agent = new Agent({ keepAlive: true });
  const answered = request(listening.addresses[0]?.port ?? 0, agent);
  await expect.poll(() => asked).toBe(true);
  const closed = listening.close();
  answer();
  expect((await answered).headers.connection).toBe('close');
  await closed;
});

test('idle connections do not hold up a stop', async () => {
  const listening = await listen(async () => {});
  const agent = new Agent({ keepAlive: true });
  const port = listening.addresses[0]?.port ?? 0;
  await request(port, agent);
  await listening.close();
  const socket = connect(port, '127.0.0.1');
  const [error] = await once(socket, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
});
