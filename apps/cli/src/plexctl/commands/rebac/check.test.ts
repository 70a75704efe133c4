import { describe, expect, test } from 'vitest';
import { cloud, givenPlexctl } from '../../../../test/support/plexctl-given.ts';

const given = givenPlexctl();

describe('rebac check', () => {
  const line = `rebac check --subject user:ada --relation manage --resource cloud:${cloud}`;

  test('allowed: exit 0', async () => {
    await given.logIn();
    const body = { decision: 'allowed', relation_path: ['cloud#cloud_admin'], correlation_id: 'c-1' };
    given.stub.answers.set('POST /v1/authz/check', { status: 200, body });
    const ran = await given.plexctl([...line.split(' '), '--caveat-context', '{"ip":"10.0.0.1"}', '--output', 'json']);
    expect(ran).toEqual({ code: 0, stdout: `${JSON.stringify(body, undefined, 2)}\n`, stderr: '' });
    expect(JSON.parse(given.stub.seen[0]?.body ?? '')).toEqual({
      subject: 'user:ada',
      relation: 'manage',
      resource: `cloud:${cloud}`,
      caveat_context: { ip: '10.0.0.1' },
    });
  });

  test('denied: exit 77, reason and correlation id on stderr', async () => {
    await given.logIn();
    const body = { decision: 'denied', reason: 'out_of_scope', correlation_id: 'c-2' };
    given.stub.answers.set('POST /v1/authz/check', { status: 200, body });
    const ran = await given.plexctl(line);
    expect(ran.code).toBe(77);
    expect(ran.stderr).toBe('Error: denied: out_of_scope (correlation id c-2)\n');
  });
});
