import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { cloud, credential, givenPlexctl, id } from '../../../../../test/support/plexctl-given.ts';

const given = givenPlexctl();

describe('cloud credential get, list, revoke', () => {
  test('get and list', async () => {
    await given.logIn();
    given.stub.answers.set(`GET /v1/cloud-credentials/${id}`, { status: 200, body: credential });
    expect((await given.plexctl(`cloud credential get ${id}`)).stdout).toContain('Acme AWS provisioner secret');
    const list = `/v1/clouds/${cloud}/cloud-credentials`;
    given.stub.answers.set(`GET ${list}?limit=200`, { status: 200, body: { items: [credential], next_cursor: 'c' } });
    given.stub.answers.set(`GET ${list}?limit=200&cursor=c`, {
      status: 200,
      body: { items: [{ ...credential, id: cloud }] },
    });
    const all = await given.plexctl(`cloud credential list --cloud-id ${cloud}`);
    expect(all.stdout.trim().split('\n')).toHaveLength(3);
    given.stub.answers.set(`GET ${list}?limit=1&cursor=c`, {
      status: 200,
      body: { items: [credential], next_cursor: 'd' },
    });
    const page = await given.plexctl(`cloud credential list --cloud-id ${cloud} --limit 1 --cursor c --output yaml`);
    expect(parse(page.stdout)).toEqual({ items: [credential], next_cursor: 'd' });
  });

  test('an empty list is a heading', async () => {
    await given.logIn();
    given.stub.answers.set(`GET /v1/clouds/${cloud}/cloud-credentials?limit=200`, { status: 200, body: { items: [] } });
    expect((await given.plexctl(`cloud credential list --cloud-id ${cloud}`)).stdout).toMatch(/^ID {2}CLOUD_ID .*\n$/);
  });

  test('revoke needs --yes and a reason', async () => {
    await given.logIn();
    const without = await given.plexctl(`cloud credential revoke ${id} --reason leaked`);
    expect(without).toMatchObject({ code: 2, stdout: '' });
    expect(without.stderr).toContain('--yes');
    expect((await given.plexctl(`cloud credential revoke ${id} --yes`)).code).toBe(2);
    expect(given.stub.seen).toEqual([]);
    given.stub.answers.set(`POST /v1/cloud-credentials/${id}/revoke`, {
      status: 200,
      body: { ...credential, status: 'revoked' },
    });
    const ran = await given.plexctl(`--yes cloud credential revoke ${id} --reason leaked`);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('revoked');
    expect(JSON.parse(given.stub.seen[0]?.body ?? '')).toEqual({ reason: 'leaked' });
  });

  test.each([
    'get nope',
    'get 00000000-0000-0000-0000-000000000000',
    'revoke nope --yes --reason x',
    'list --cloud-id nope',
  ])('%s: exit 2 before any request', async (line) => {
    await given.logIn();
    expect((await given.plexctl(`cloud credential ${line}`)).code).toBe(2);
    expect(given.stub.seen).toEqual([]);
  });
});
