import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpStub, startHttpStub, type WireRequest } from '../../../test/replay/http-stub.ts';
import { type HttpRequest, type HttpResponse, sendRequest } from './transport.ts';

function file(name: string): string {
  return readFileSync(new URL(`../../../test/testdata/${name}`, import.meta.url), 'utf8');
}

const TLS = { key: file('tls.key'), cert: file('tls.crt') };

let seen: WireRequest[] = [];
let plain: HttpStub;
let secure: HttpStub;
let folder: string;

function get(url: string, more: Partial<HttpRequest> = {}): Promise<HttpResponse> {
  return sendRequest({ method: 'GET', url, env: {}, ...more });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'transport-'));
  const answer = (request: WireRequest) => {
    seen.push(request);
    const location = /^\/to\/(\d+)\/(.*)$/.exec(request.target);
    if (location)
      return {
        status: Number(location[1]),
        body: '',
        headers: [`Location: ${decodeURIComponent(location[2] ?? '')}`, 'Content-Length: 0'],
      };
    if (request.target === '/slow') return new Promise<never>(() => undefined);
    return {
      status: 200,
      body: JSON.stringify({ method: request.method, target: request.target, body: request.body }),
    };
  };
  plain = await startHttpStub(answer);
  secure = await startHttpStub(answer, TLS);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all([plain.close(), secure.close()]);
});

function http(path: string): string {
  return `http://127.0.0.1:${plain.port}${path}`;
}

function https(path: string): string {
  return `https://localhost:${secure.port}${path}`;
}

function textOf(response: HttpResponse): string {
  return response.body.toString();
}

/** A server whose connections `serve` answers; it notes what it was asked for. */
async function listen(serve: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

describe('trust', () => {
  test('a server is trusted by the given authorities, and by none else', async () => {
    expect((await get(https('/a'), { ca: [TLS.cert] })).status).toBe(200);
    await expect(get(https('/a'))).rejects.toThrow(
      `Get "${https('/a')}": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    );
  });

  test("an intermediate or the server's own certificate is trusted without its root, a sibling intermediate is not", async () => {
    const [cert, intermediate, sibling] = ['server', 'intermediate', 'sibling'].map((name) =>
      file(`chain/${name}.crt`),
    );
    const server = await startHttpStub(() => ({ status: 200, body: '' }), {
      key: file('chain/server.key'),
      cert: cert ?? '',
    });
    const url = `https://localhost:${server.port}/`;
    for (const anchor of [intermediate, cert]) {
      expect((await get(url, { ca: [anchor ?? ''] })).status).toBe(200);
      expect((await get(url, { env: { SSL_CERT_FILE: join(folder, 'none') }, ca: [anchor ?? ''] })).status).toBe(200);
    }
    await expect(get(url, { ca: [sibling ?? ''] })).rejects.toThrow('x509: certificate signed by unknown authority');
    await server.close();
  });

  test('SSL_CERT_FILE stands in for the system, also beside given authorities', async () => {
    const bundle = join(folder, 'bundle.pem');
    writeFileSync(bundle, TLS.cert);
    expect((await get(https('/b'), { env: { SSL_CERT_FILE: bundle } })).status).toBe(200);
  });

  test('a certificate for another name is refused, with the names that it has', async () => {
    const other = `https://127.0.0.2:${secure.port}/`;
    const server = await startHttpStub(() => ({ status: 200, body: '' }), TLS);
    await expect(get(`https://ip6-localhost:${server.port}/`, { ca: [TLS.cert] })).rejects.toThrow(/ip6-localhost/);
    await expect(get(other, { ca: [TLS.cert] })).rejects.toThrow(
      /certificate is valid for 127.0.0.1, not 127.0.0.2|connection refused/,
    );
    await server.close();
  });

  test('with insecure any certificate will do', async () => {
    expect((await get(https('/c'), { insecure: true })).status).toBe(200);
  });
});

describe('failures have the words of Go', () => {
  test('nobody listens', async () => {
    await expect(get('http://127.0.0.1:1/x')).rejects.toThrow(
      'Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
    );
  });

  test('no answer in time', async () => {
    await expect(sendRequest({ method: 'PUT', url: http('/slow'), timeoutMs: 50, env: {} })).rejects.toThrow(
      `Put "${http('/slow')}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    );
  });

  test('TLS where there is none, another scheme, no host', async () => {
    const { server, port } = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(get(`https://127.0.0.1:${port}/`)).rejects.toThrow('http: server gave HTTP response to HTTPS client');
    server.close();
    await expect(get('ftp://x/y')).rejects.toThrow('Get "ftp://x/y": unsupported protocol scheme "ftp"');
    await expect(get('https:///info')).rejects.toThrow('Get "https:///info": http: no Host in request URL');
  });

  test.each([
    ['nonsense\r\n\r\n', 'HTTP/1.x transport connection broken: malformed HTTP response "nonsense"'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi', /^unexpected EOF$/],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n', /^invalid byte in chunk length$/],
  ])('an answer of %j', async (answer, message) => {
    const { server, port } = await listen((socket) => socket.once('data', () => socket.end(answer)));
    await expect(get(`http://127.0.0.1:${port}/`)).rejects.toThrow(message);
    server.close();
  });

  test('a body that comes too late is told from headers that do', async () => {
    const sockets: Socket[] = [];
    const { server, port } = await listen((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi'));
    });
    await expect(get(`http://127.0.0.1:${port}/`, { timeoutMs: 200 })).rejects.toThrow(
      /^context deadline exceeded \(Client.Timeout or context cancellation while reading body\)$/,
    );
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('a port that no machine has', async () => {
    await expect(get('http://127.0.0.1:99999/')).rejects.toThrow('dial tcp: address 99999: invalid port');
  });

  test('a password in the URL is not repeated', async () => {
    await expect(get('http://user:secret@127.0.0.1:1/')).rejects.toThrow(/"http:\/\/user:\*\*\*@127/);
  });
});

describe('redirects', () => {
  test('303, 302 and 301 become GET without a body; 307 and 308 keep both', async () => {
    const to = (status: number): Promise<HttpResponse> =>
      sendRequest({ method: 'POST', url: http(`/to/${status}/${encodeURIComponent('/end')}`), body: '{}', env: {} });
    for (const status of [301, 302, 303])
      expect(textOf(await to(status))).toBe('{"method":"GET","target":"/end","body":""}');
    for (const status of [307, 308])
      expect(textOf(await to(status))).toBe('{"method":"POST","target":"/end","body":"{}"}');
  });

  test('credentials do not follow to another host', async () => {
    const elsewhere = encodeURIComponent(`http://localhost:${plain.port}/end`);
    seen = [];
    await get(http(`/to/302/${elsewhere}`), { headers: { Authorization: 'Bearer t', Accept: 'x' } });
    expect(seen.map(({ headers }) => [headers.get('authorization'), headers.get('accept')])).toEqual([
      ['Bearer t', 'x'],
      [undefined, 'x'],
    ]);
  });

  test('end after ten', async () => {
    const loop = await startHttpStub(() => ({
      status: 302,
      body: '',
      headers: ['Location: /again', 'Content-Length: 0'],
    }));
    await expect(get(`http://127.0.0.1:${loop.port}/`)).rejects.toThrow('Get "/again": stopped after 10 redirects');
    await loop.close();
  });
});

describe('proxies', () => {
  const join2 = (a: Socket, b: Socket): void => {
    a.pipe(b).pipe(a);
    a.on('error', () => b.destroy());
    b.on('error', () => a.destroy());
  };

  test('SOCKS5 with a password: the name is left to the proxy to resolve', async () => {
    const asked: string[] = [];
    const { server, port } = await listen((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([5, 2]));
        socket.once('data', (login: Buffer) => {
          asked.push(login.subarray(2, 6).toString(), login.subarray(7).toString());
          socket.write(Buffer.from([1, 0]));
          socket.once('data', (request: Buffer) => {
            const length = request[4] ?? 0;
            asked.push(request.subarray(5, 5 + length).toString());
            const upstream = connect(request.readUInt16BE(5 + length), '127.0.0.1', () => {
              socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
              join2(socket, upstream);
            });
          });
        });
      });
    });
    const answer = await get(https('/socks'), { ca: [TLS.cert], proxy: `socks5://user:pass@127.0.0.1:${port}` });
    expect(answer.status).toBe(200);
    expect(asked).toEqual(['user', 'pass', 'localhost']);
    server.close();
  });

  test('a SOCKS5 proxy that refuses is named', async () => {
    const { server, port } = await listen((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', () => socket.write(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
      });
    });
    await expect(get(https('/x'), { ca: [TLS.cert], proxy: `socks5://127.0.0.1:${port}` })).rejects.toThrow(
      `socks connect tcp 127.0.0.1:${port}->localhost:${secure.port}: connection refused`,
    );
    server.close();
  });

  test('an HTTP proxy gets CONNECT for https and the whole URL for http', async () => {
    const asked: string[] = [];
    const { server, port } = await listen((socket) => {
      socket.once('data', (head) => {
        const text = head.toString();
        asked.push(text.split('\r\n')[0] ?? '', /Proxy-Authorization: (.*)/.exec(text)?.[1] ?? '');
        if (!text.startsWith('CONNECT')) return socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        const upstream = connect(secure.port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          join2(socket, upstream);
        });
      });
    });
    const proxy = `http://u:p@127.0.0.1:${port}`;
    const env = { https_proxy: proxy, http_proxy: proxy };
    const named = `https://credhub.example:${secure.port}/x`;
    expect((await get(named, { insecure: true, env })).status).toBe(200);
    expect(textOf(await get('http://credhub.example/y', { env }))).toBe('ok');
    expect(asked).toEqual([
      `CONNECT credhub.example:${secure.port} HTTP/1.1`,
      'Basic dTpw',
      'GET http://credhub.example/y HTTP/1.1',
      'Basic dTpw',
    ]);
    server.close();
  });

  test('an https proxy is trusted by the authorities that are given for the target, and by none else', async () => {
    const proxy = createTlsServer(TLS, (socket) => {
      socket.once('data', (head) => {
        const { port } = /^CONNECT \S+:(?<port>\d+) /.exec(head.toString())?.groups ?? {};
        const upstream = connect(Number(port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          join2(socket, upstream);
        });
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const way = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const env = { https_proxy: way };
    const named = `https://credhub.example:${secure.port}/x`;
    const unknown =
      'proxyconnect tcp: tls: failed to verify certificate: x509: certificate signed by unknown authority';
    const bundle = join(folder, 'system.pem');
    writeFileSync(bundle, TLS.cert);
    expect((await get(named, { insecure: true, env })).status).toBe(200);
    // The proxy is trusted; the target has the same certificate, but another name.
    const wrongName = 'x509: certificate is valid for localhost, not credhub.example';
    await expect(get(named, { ca: [TLS.cert], env })).rejects.toThrow(wrongName);
    await expect(get(named, { env })).rejects.toThrow(unknown);
    // The system's authorities count beside the given ones.
    await expect(get(named, { env: { ...env, SSL_CERT_FILE: bundle } })).rejects.toThrow(wrongName);
    proxy.close();
  });

  test('a proxy over TLS gets the whole URL for http', async () => {
    const asked: string[] = [];
    const proxy = createTlsServer(TLS, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (head) => {
        const text = head.toString();
        asked.push(text.split('\r\n')[0] ?? '', /Proxy-Authorization: (.*)/.exec(text)?.[1] ?? '');
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const env = { http_proxy: `https://u:p@127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const given = { insecure: true, env, timeoutMs: 10_000 };
    expect(textOf(await get('http://credhub.example/y', given))).toBe('ok');
    expect(textOf(await get('http://credhub.example:81/z', given))).toBe('ok');
    expect(asked).toEqual([
      'GET http://credhub.example/y HTTP/1.1',
      'Basic dTpw',
      'GET http://credhub.example:81/z HTTP/1.1',
      'Basic dTpw',
    ]);
    await expect(get('http://credhub.example/y', { env, timeoutMs: 10_000 })).rejects.toThrow(
      'proxyconnect tcp: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
    proxy.close();
  });

  test('a SOCKS5 proxy carries plain http', async () => {
    const { server, port } = await listen((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', () => {
          const upstream = connect(plain.port, '127.0.0.1', () => {
            socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            join2(socket, upstream);
          });
        });
      });
    });
    const env = { http_proxy: `socks5://127.0.0.1:${port}` };
    const answer = await get('http://credhub.example/x', { env, timeoutMs: 10_000 });
    expect(answer.status).toBe(200);
    server.close();
  });

  test('an SSH server forwards to the target, by the key in the file', async () => {
    const pem = (key: { export(options: { type: 'pkcs1'; format: 'pem' }): string | Buffer }): string =>
      key.export({ type: 'pkcs1', format: 'pem' }).toString();
    const host = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const user = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyFile = join(folder, 'ssh.key');
    writeFileSync(keyFile, pem(user.privateKey));
    const users: string[] = [];
    const server = new ssh2.Server({ hostKeys: [pem(host.privateKey)] }, (client) => {
      client.on('authentication', (context) => {
        users.push(context.username);
        if (context.method === 'publickey') context.accept();
        else context.reject(['publickey']);
      });
      client.on('ready', () => {
        client.on('tcpip', (accept, _reject, { destPort }) => {
          const channel = accept();
          const upstream = connect(destPort, '127.0.0.1');
          channel.pipe(upstream).pipe(channel);
        });
      });
      client.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = `ssh+socks5://jump@127.0.0.1:${(server.address() as AddressInfo).port}?private-key=${keyFile}`;
    expect((await get(https('/one'), { ca: [TLS.cert], proxy })).status).toBe(200);
    expect((await get(https('/two'), { ca: [TLS.cert], proxy })).status).toBe(200);
    expect(new Set(users)).toEqual(new Set(['jump']));
    server.close();
  });
});
