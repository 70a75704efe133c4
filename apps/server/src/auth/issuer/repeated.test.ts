import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, openIssuer, passwordForm, type TestIssuer } from './testing.ts';

let world: TestIssuer;
let app: ReturnType<TestIssuer['replica']>['app'];
beforeAll(async () => {
  world = await openIssuer();
  app = world.replica().app;
  await world.addUser('ada', 'lovelace');
});
afterAll(() => world.close());

test('a parameter given twice is 400 invalid_request on every path below /uaa, in the query, the form or both', async () => {
  const form = passwordForm('ada', 'lovelace');
  const answers = await Promise.all([
    call(app, 'GET', '/uaa/info?a=1&a=1'),
    call(app, 'GET', '/uaa/token_keys?a=1&b=2&a='),
    call(app, 'POST', '/uaa/oauth/token?grant_type=password', { form }),
    call(app, 'POST', '/uaa/oauth/token?x=1&x=2', { form }),
    call(app, 'POST', '/uaa/check_token', {
      body: 'token=a&token=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
  ]);
  for (const { status, body } of answers) expect([status, body['error']]).toEqual([400, 'invalid_request']);
});

test('parameters that are given once are accepted', async () => {
  expect((await call(app, 'GET', '/uaa/info?a=1&b=1')).status).toBe(200);
  const token = await call(app, 'POST', '/uaa/oauth/token?x=1', { form: passwordForm('ada', 'lovelace') });
  expect(token.status).toBe(200);
});
