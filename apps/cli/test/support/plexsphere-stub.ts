import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface StubAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Sent as it is instead of JSON. */
  readonly raw?: string;
}

/** A server that answers what it is told, by `METHOD path?query`, and remembers what it was asked. */
export interface PlexsphereStub extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
  readonly answers: Map<string, StubAnswer>;
}

export async function startStub(): Promise<PlexsphereStub> {
  const seen: SeenRequest[] = [];
  const answers = new Map<string, StubAnswer>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      const { status, body, raw } =
        answers.get(`${method} ${url}`) ?? problem(404, 'not_found', 'The stub knows no such thing.');
      const type = status < 400 ? 'application/json' : 'application/problem+json';
      response.writeHead(status, { 'content-type': type });
      response.end(raw ?? (body === undefined ? '' : JSON.stringify(body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    answers,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function problem(status: number, code: string, detail: string, more: object = {}): StubAnswer {
  return {
    status,
    body: { type: 'about:blank', title: code, status, code, detail, correlation_id: 'corr-1', ...more },
  };
}
