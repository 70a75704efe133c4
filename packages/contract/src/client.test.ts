import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import { createClient, type TransportRequest, target } from './client.ts';
import { type Handlers, route, routes, type TreeHandlers } from './route.ts';

const fullCodec = { decode: ([text]: string[]) => text === 'true', encode: (full: boolean) => [String(full)] };

const table = routes({
  getThing: route({
    id: 'getThing',
    method: 'GET',
    path: '/things/{id}',
    summary: 'Get',
    description: 'Get things.',
    auth: 'session',
    query: z.object({ full: z.codec(z.array(z.string()), z.boolean(), fullCodec).optional() }),
    responses: { 200: z.strictObject({ id: z.string() }), 404: z.strictObject({ error: z.string() }) },
  }),
  putThing: route({
    id: 'putThing',
    method: 'PUT',
    path: '/things/{id}',
    summary: 'Put',
    description: 'Put things.',
    auth: 'session',
    params: z.object({ id: z.uuid() }),
    body: z.strictObject({ size: z.int() }),
    responses: { 204: null },
  }),
  listThings: route({
    id: 'listThings',
    method: 'GET',
    path: '/things',
    summary: 'List',
    description: 'List things.',
    auth: 'open',
    responses: { 200: z.array(z.string()) },
  }),
});

function answering(status: number, type: string, text: string) {
  const sent: TransportRequest[] = [];
  const client = createClient<typeof table>(async (request) => {
    sent.push(request);
    return {
      status,
      bytes: new TextEncoder().encode(text),
      header: (name) => (name === 'content-type' ? type : undefined),
    };
  });
  return { client, sent };
}

describe('a call', () => {
  test('names method and path, fills in parameters and query, and sends JSON', async () => {
    const { client, sent } = answering(204, '', '');
    await client('PUT /things/{id}', { params: { id: 'a/b' }, body: { size: 1 } });
    expect(sent).toEqual([
      { method: 'PUT', target: '/things/a%2Fb', headers: { 'content-type': 'application/json' }, body: '{"size":1}' },
    ]);
  });

  test('resolves for every status, with JSON parsed by its media type', async () => {
    const { client } = answering(404, 'application/problem+json', '{"error":"no"}');
    const reply = await client('GET /things/{id}', { params: { id: 'a' }, query: { full: true } });
    expect(reply).toMatchObject({ status: 404, body: { error: 'no' } });
  });

  test('gives the exact bytes and reads a body that nobody asks for not at all', async () => {
    const { client } = answering(200, 'application/json', '{"id": 1e400, "id": ');
    const reply = await client('GET /things/{id}', { params: { id: 'a' } });
    expect(Buffer.from(reply.response.bytes).toString()).toBe('{"id": 1e400, "id": ');
    expect(reply.text).toBe('{"id": 1e400, "id": ');
    expect(() => reply.body).toThrow(SyntaxError);
  });

  test('is answered with all that the transport gave', async () => {
    const given = { status: 200, bytes: new Uint8Array(), header: () => undefined, protocol: 'h2' } as const;
    const client = createClient<typeof table, typeof given>(async () => given);
    expect((await client('GET /things')).response.protocol).toBe('h2');
  });

  test('writes query and body as the options say', async () => {
    const sent: TransportRequest[] = [];
    const client = createClient<typeof table>(
      async (request) => {
        sent.push(request);
        return { status: 204, bytes: new Uint8Array(), header: () => undefined };
      },
      { encodeQuery: (query) => Object.keys(query).join(';'), encodeBody: () => 'body' },
    );
    await client('GET /things/{id}', { params: { id: 'a' }, query: { full: true } });
    await client('PUT /things/{id}', { params: { id: 'a' }, body: { size: 1 } });
    expect(sent.map(({ target, body }) => [target, body])).toEqual([
      ['/things/a?full', undefined],
      ['/things/a', 'body'],
    ]);
  });

  test('is checked when its body is read, where a check is given', async () => {
    const transport = async () => ({ status: 200, bytes: Buffer.from('[1]'), header: () => 'application/json' });
    const client = createClient<typeof table>(transport, {
      check: ({ key, status, body }) => {
        throw new Error(JSON.stringify([key, status, body]));
      },
    });
    const reply = await client('GET /things');
    expect(() => reply.body).toThrow('["GET /things",200,[1]]');
  });

  test('leaves a body of another kind as text', async () => {
    const { client } = answering(200, 'text/html', '<html>');
    expect(await client('GET /things')).toMatchObject({ body: undefined, text: '<html>' });
  });

  test('needs what the route needs, and nothing else', () => {
    const { client } = answering(200, '', '');
    // @ts-expect-error because there is no such route
    const unknown = () => client('GET /nothing');
    // @ts-expect-error because the id is missing
    const missing = () => client('GET /things/{id}');
    // @ts-expect-error because the body is of another shape
    const wrong = () => client('PUT /things/{id}', { params: { id: 'a' }, body: { size: 'large' } });
    expect([unknown, missing, wrong]).toHaveLength(3);
  });
});

describe('a target', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  test('gives back every parameter and query value', () => {
    fc.assert(
      fc.property(text, text, (id, value) => {
        const url = new URL(target('/things/{id}/x', { id }, { q: value, none: undefined }), 'http://h');
        expect(url.searchParams.get('q')).toBe(value);
        expect([...url.searchParams.keys()]).toEqual(['q']);
        if (id !== '.' && id !== '..') expect(decodeURIComponent(url.pathname.split('/')[2] ?? '')).toBe(id);
      }),
    );
  });
});

describe('handlers', () => {
  type Thing = Handlers<typeof table, { who: string }>;

  test('are complete, and answer only what is declared', () => {
    expectTypeOf<keyof Thing>().toEqualTypeOf<'getThing' | 'putThing' | 'listThings'>();
    expectTypeOf<Parameters<Thing['putThing']>[0]['body']>().toEqualTypeOf<{ size: number }>();
    expectTypeOf<Parameters<Thing['getThing']>[0]['params']['id']>().toEqualTypeOf<string>();
    expectTypeOf<Awaited<ReturnType<Thing['getThing']>>['status']>().toEqualTypeOf<200 | 404>();
    // @ts-expect-error because two routes have no handler
    const incomplete: Thing = { listThings: async () => ({ status: 200, body: [] }) };
    // @ts-expect-error because the route declares no 500
    const undeclared: Thing['listThings'] = async () => ({ status: 500 });
    expect([incomplete, undeclared]).toHaveLength(2);
  });

  test('of an API with its own bodies get that tree', () => {
    type Tree = TreeHandlers<typeof table, null, { tree: true }>;
    expectTypeOf<Parameters<Tree['putThing']>[0]['body']>().toEqualTypeOf<{ tree: true }>();
    expectTypeOf<Parameters<Tree['listThings']>[0]['body']>().toEqualTypeOf<undefined>();
  });

  test('a key that is not the id of its route does not compile', () => {
    // @ts-expect-error because the key is `other`
    expect(routes({ other: table.getThing })).toBeDefined();
  });
});
