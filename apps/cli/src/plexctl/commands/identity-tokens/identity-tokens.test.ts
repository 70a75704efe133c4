import { describe, expect, test } from 'vitest';
import { givenPlexctl, token, tokenId } from '../../../../test/support/plexctl-given.ts';
import { problem } from '../../../../test/support/plexsphere-stub.ts';

const given = givenPlexctl();
const ada = 'user:019a9b5d-0c1d-7a2b-9f00-1234567890ab';
const warning = '# WARNING: this is the only time this plaintext will be displayed\n';
const issued = { id: tokenId, plaintext: token, env_prefix: 'dev', expires_at: '2026-12-22T00:00:00.000Z' };

describe('identity-tokens issue', () => {
  const issue = `identity-tokens issue --identity-ref ${ada} --env-prefix dev`;

  test('prints the plaintext once, on the last line of stdout, behind the line that says so', async () => {
    await given.logIn();
    given.stub.answers.set('POST /v1/auth/tokens', { status: 201, body: issued });
    const ran = await given.plexctl(issue);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.split(token)).toHaveLength(2);
    expect(ran.stdout.endsWith(`${warning}${token}\n`)).toBe(true);
    expect(ran.stdout).toMatch(/^ID +ENV_PREFIX +EXPIRES_AT\n/);
    expect(JSON.parse(given.stub.seen[0]?.body ?? '')).toEqual({ identity_ref: ada, env_prefix: 'dev' });
  });

  test('as yaml behind the same line; as json alone, with the line on stderr', async () => {
    await given.logIn();
    given.stub.answers.set('POST /v1/auth/tokens', { status: 201, body: issued });
    const yaml = await given.plexctl(`${issue} --output yaml`);
    expect(yaml.stdout.startsWith(`${warning}id: ${tokenId}\nplaintext: ${token}\n`)).toBe(true);
    const json = await given.plexctl(`${issue} --output json`);
    expect(JSON.parse(json.stdout)).toEqual(issued);
    expect(json.stderr).toBe(warning);
  });

  test.each([
    ['720h', 2_592_000],
    ['1h30m', 5400],
    ['90s', 90],
    ['0.5h', 1800],
  ])('--ttl %s is %i seconds', async (ttl, seconds) => {
    await given.logIn();
    given.stub.answers.set('POST /v1/auth/tokens', { status: 201, body: issued });
    expect((await given.plexctl(`${issue} --ttl ${ttl}`)).code).toBe(0);
    expect(JSON.parse(given.stub.seen[0]?.body ?? '')).toMatchObject({ ttl_seconds: seconds });
  });

  test.each([
    [`${issue} --ttl 30d`, '--ttl must be a duration'],
    [`${issue} --ttl 720`, '--ttl must be a duration'],
    [`${issue} --ttl 0s`, '--ttl must be a duration'],
    [`${issue} --ttl 1.5s`, '--ttl must be a duration'],
    ['identity-tokens issue --identity-ref ada --env-prefix dev', 'user:UUID or service:UUID'],
    ['identity-tokens issue --identity-ref user:ada --env-prefix dev', 'must be a UUID'],
    [`identity-tokens issue --identity-ref ${ada} --env-prefix test`, '--env-prefix must be one of'],
    [`identity-tokens issue --identity-ref ${ada}`, '--env-prefix is required'],
    ['identity-tokens delete --id x --yes', '--id must be a UUID'],
    ['identity-tokens rotate', '--id is required'],
    [`identity-tokens delete --id ${tokenId}`, 'Confirm it with --yes'],
  ])('%s: exit 2, nothing sent', async (line, message) => {
    await given.logIn();
    const ran = await given.plexctl(line);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain(message);
    expect(given.stub.seen).toEqual([]);
  });
});

describe('the other commands', () => {
  test('list shows every token, absent times as a dash, and the array itself as json', async () => {
    await given.logIn();
    const { id, env_prefix, expires_at } = issued;
    const body = [{ id, env_prefix, created_at: '2026-11-22T00:00:00.000Z', expires_at }];
    given.stub.answers.set('GET /v1/auth/tokens', { status: 200, body });
    const text = (await given.plexctl('identity-tokens list')).stdout;
    expect(text).toMatch(/^ID .*LAST_USED_AT +ROTATED_AT\n/);
    expect(text).toMatch(/ - +-\n$/);
    expect(JSON.parse((await given.plexctl('identity-tokens list --output json')).stdout)).toEqual(body);
  });

  test('rotate prints the new plaintext once, with the deadline of the old one', async () => {
    await given.logIn();
    const body = { ...issued, rotation_deadline: '2026-11-23T00:00:00.000Z' };
    given.stub.answers.set(`POST /v1/auth/tokens/${tokenId}/rotate`, { status: 200, body });
    const ran = await given.plexctl(`identity-tokens rotate --id ${tokenId}`);
    expect(ran.stdout).toContain('2026-11-23T00:00:00.000Z\n');
    expect(ran.stdout.endsWith(`${warning}${token}\n`)).toBe(true);
  });

  test('delete ends a token; one that is not there is exit 4', async () => {
    await given.logIn();
    const path = `DELETE /v1/auth/tokens/${tokenId}`;
    given.stub.answers.set(path, { status: 204 });
    const line = `identity-tokens delete --id ${tokenId} --yes`;
    expect(await given.plexctl(line)).toEqual({ code: 0, stdout: '', stderr: `Token ${tokenId} is ended.\n` });
    given.stub.answers.set(path, problem(404, 'token_not_found', 'No such token.'));
    expect((await given.plexctl(line)).code).toBe(4);
  });
});
