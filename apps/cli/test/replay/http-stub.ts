import { createServer as createNetServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A request as it came over the wire, of any method. */
export interface WireRequest {
  readonly method: string;
  /** Path with query, as sent. */
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  /** JSON text or anything else; empty for none. */
  readonly body: string;
  readonly headers?: readonly string[];
}

export interface HttpStub {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A small HTTP/1.1 server of our own: node:http refuses methods that it does not know, and the recordings send one.
 * It answers what `answer` says and keeps connections open.
 */
export async function startHttpStub(
  answer: (request: WireRequest) => WireAnswer | Promise<WireAnswer>,
  tls?: { readonly key: string; readonly cert: string },
): Promise<HttpStub> {
  const sockets = new Set<Socket>();
  // A fault of the stub itself must show in the command's output instead of holding the test.
  const answered = async (request: WireRequest): Promise<WireAnswer> => {
    try {
      return await answer(request);
    } catch (error) {
      return { status: 599, body: JSON.stringify({ error: `stub: ${String(error)}` }) };
    }
  };
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let seen: Buffer = Buffer.alloc(0);
    let work = Promise.resolve();
    socket.on('data', (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      for (let next = takeRequest(seen); next !== undefined; next = takeRequest(seen)) {
        seen = next.rest;
        const { request } = next;
        work = work.then(async () => {
          socket.write(render(await answered(request), request.method));
        });
      }
    });
  };
  const server: Server = tls === undefined ? createNetServer(serve) : createTlsServer({ ...tls }, serve);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function takeRequest(seen: Buffer): { request: WireRequest; rest: Buffer } | undefined {
  const end = seen.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = seen.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const length = Number(headers.get('content-length') ?? 0);
  const bodyEnd = end + 4 + length;
  if (seen.length < bodyEnd) return undefined;
  const [method = '', target = ''] = first.split(' ');
  const body = seen.subarray(end + 4, bodyEnd).toString('utf8');
  return { request: { method, target, headers, body }, rest: Buffer.from(seen.subarray(bodyEnd)) };
}

function render(answer: WireAnswer, method: string): string {
  const length = answer.status === 204 ? [] : [`Content-Length: ${Buffer.byteLength(answer.body)}`];
  const type = answer.body === '' ? [] : ['Content-Type: application/json'];
  const head = [`HTTP/1.1 ${answer.status} `, ...(answer.headers ?? [...type, ...length]), '', ''].join('\r\n');
  return method === 'HEAD' ? head : head + answer.body;
}
