import { route, routes } from '@credplex/contract';
import { CredError } from '@credplex/core';
import fc from 'fast-check';
import { Hono } from 'hono';
import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Api, createApp } from './app.ts';
import type { ServerEnv } from './http-env.ts';
import { type Dialect, mount, type ZodReply } from './mount.ts';
import { parseQuery } from './query.ts';

const modeParameter = z.codec(z.array(z.string()), z.enum(['a', 'b']), {
  decode: ([mode]) => mode as 'a' | 'b',
  encode: (mode) => [mode],
});

const table = routes({
  change: route({
    id: 'change',
    method: 'POST',
    path: '/things/{id}',
    summary: 'Change',
    description: 'Change things.',
    auth: 'session',
    params: z.object({ id: z.string().regex(/^\d+$/) }),
    query: z.object({ mode: modeParameter.optional() }),
    body: z.strictObject({ size: z.int() }),
    responses: { 200: z.strictObject({ size: z.int() }) },
  }),
});

let steps: string[] = [];
beforeEach(() => {
  steps = [];
});

const dialect: Dialect<string, ServerEnv, ZodReply> = {
  before: () => void steps.push('before'),
  context: () => 'somebody',
  refuseParams: () => new Error('params'),
  refuseQuery: (_, issues) => new Error(issues === undefined ? 'encoding' : 'query'),
  readsEveryQuery: true,
  bodyLimit: () => 20,
  parseBody(spec, bytes) {
    steps.push('body');
    const parsed = spec.body?.safeParse(JSON.parse(Buffer.from(bytes).toString()));
    if (parsed?.success !== true) throw new Error('schema');
    return parsed.data;
  },
  answer: (_, __, { status, body }) => Response.json(body, { status }),
};

function mounted(allowed = true): Api['app'] {
  const app = new Hono<ServerEnv>();
  app.onError((error) => new Response(error instanceof CredError ? error.code : error.message, { status: 400 }));
  mount<typeof table, string, ServerEnv>(
    app,
    table,
    {
      async change({ params, query, body, context }) {
        steps.push(`handler ${params.id} ${query.mode ?? 'none'} ${context}`);
        return { status: 200, body: { size: body.size } };
      },
    },
    dialect,
    {
      authorise: {
        async change() {
          steps.push('authorise');
          if (!allowed) throw new Error('denied');
        },
      },
    },
  );
  return app;
}

async function call(app: Api['app'], target: string, body = '{"size":1}', method = 'POST') {
  const request = new Request(`http://h${target}`, { method, ...(method === 'GET' ? {} : { body }) });
  const response = await createApp({ apis: [], fallback: app })(request, {});
  return response.text();
}

describe('the order of a request', () => {
  test('params, query, authorise, body, schema, handler, answer', async () => {
    expect(await call(mounted(), '/things/7?mode=a')).toBe('{"size":1}');
    expect(steps).toEqual(['before', 'authorise', 'body', 'handler 7 a somebody']);
  });

  test('a refused path parameter or query value comes before authorisation', async () => {
    expect(await call(mounted(false), '/things/x')).toBe('params');
    expect(await call(mounted(false), '/things/7?mode=c')).toBe('query');
    expect(await call(mounted(false), '/things/7?mode=%')).toBe('encoding');
    expect(steps).not.toContain('authorise');
  });

  test('an unauthorised caller is refused whatever the body', async () => {
    for (const body of ['', '{', `"${'x'.repeat(30)}"`])
      expect(await call(mounted(false), '/things/7', body)).toBe('denied');
    expect(steps).not.toContain('body');
  });

  test('a body above the limit is refused before it is parsed', async () => {
    expect(await call(mounted(), '/things/7', `{"size":${' '.repeat(20)}1}`)).toBe('request_body_too_large');
    expect(steps).not.toContain('body');
  });

  test('a body of another shape never reaches the handler', async () => {
    expect(await call(mounted(), '/things/7', '{"size":"1"}')).toBe('schema');
    expect(steps.at(-1)).toBe('body');
  });

  test('another method of a known path is distinguished from an unknown path', async () => {
    expect(await call(mounted(), '/things/7', '', 'GET')).toBe('method_not_allowed');
    expect(await call(mounted(), '/other')).toContain('404');
  });
});

describe('several APIs', () => {
  const named = (name: string): Api['app'] => new Hono<ServerEnv>().all('*', (c) => c.text(name));
  const fetch = createApp({ apis: [{ prefixes: ['/v1', '/readyz'], app: named('one') }], fallback: named('rest') });

  test.each([
    ['/v1', 'one'],
    ['/v1/x?y', 'one'],
    ['/readyz', 'one'],
    ['/v1x', 'rest'],
    ['/api/v1', 'rest'],
    ['/', 'rest'],
  ])('%s goes to %s', async (path, name) => {
    expect(await (await fetch(new Request(`http://h${path}`), {})).text()).toBe(name);
  });
});

describe('query strings', () => {
  test('are decoded, with the values of equal names in order', () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(pairs, (given) => {
        const text = given.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
        const expected = new Map<string, string[]>();
        for (const [name, value] of text === '' ? [] : given)
          expected.set(name, [...(expected.get(name) ?? []), value]);
        expect({ ...parseQuery(`/a?${text}`) }).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  test('decode a plus as a space and append a form body', () => {
    expect({ ...parseQuery('/a?b=c+d', 'b=e&f=%2B') }).toEqual({ b: ['c d', 'e'], f: ['+'] });
  });
});
