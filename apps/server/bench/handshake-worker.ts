/** Opens connections one after the other on several lanes, with or without a session, and sends one request on each. */
import { connect } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import type { HandshakeLoad, HandshakeResult } from './handshakes.ts';

const load = workerData as HandshakeLoad;
const { hostname, port } = new URL(load.base);
let connections = 0;
let resumed = 0;
let failures = 0;

/** Resolves to the session for the next connection. */
function request(session: Buffer | undefined): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let next = session;
    let answer = '';
    const socket = connect({
      host: hostname,
      port: Number(port),
      rejectUnauthorized: false,
      ...(load.client ?? {}),
      ...(session === undefined ? {} : { session }),
    });
    socket.on('secureConnect', () => {
      if (socket.isSessionReused()) resumed += 1;
    });
    socket.on('session', (given: Buffer) => {
      next = given;
    });
    socket.on('data', (chunk: Buffer) => (answer ||= chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      connections += 1;
      if (!answer.startsWith('HTTP/1.1 ')) failures += 1;
      resolve(next);
    });
    socket.end('GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  });
}

const started = performance.now();
const end = started + load.seconds * 1000;

async function lane(): Promise<void> {
  let session: Buffer | undefined;
  while (performance.now() < end) {
    const next = await request(session);
    if (load.resumes) session = next;
  }
}

await Promise.all(Array.from({ length: load.connections }, lane));
const perSecond = connections / ((performance.now() - started) / 1000);
const result: HandshakeResult = { connections, resumed, failures, perSecond };
parentPort?.postMessage(result);
