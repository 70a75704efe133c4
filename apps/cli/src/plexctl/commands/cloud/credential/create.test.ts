import { beforeEach, describe, expect, test } from 'vitest';
import { cloud, credential, givenPlexctl } from '../../../../../test/support/plexctl-given.ts';
import { problem } from '../../../../../test/support/plexsphere-stub.ts';

const given = givenPlexctl();
const secretJson = '{"aws_secret_access_key":"CANARY/7f3e+x"}\n';

describe('cloud credential create', () => {
  const path = `/v1/clouds/${cloud}/cloud-credentials`;
  const create = (...more: string[]): string[] => [
    'cloud',
    'credential',
    'create',
    '--cloud-id',
    cloud,
    '--display-name',
    'A b',
    ...more,
  ];

  beforeEach(async () => {
    await given.logIn();
    given.stub.answers.set(`POST ${path}`, { status: 201, body: credential });
  });

  test('sends the bytes of the file, and each key-value split at the first =', async () => {
    given.file('aws.json', secretJson);
    const ran = await given.plexctl(
      create(
        '--payload-file',
        './aws.json',
        '--key-value',
        'role_arn=arn:aws:iam::1:role/a=b',
        '--key-value',
        'empty=',
      ),
    );
    expect(ran.code).toBe(0);
    expect(JSON.parse(given.stub.seen[0]?.body ?? '')).toEqual({
      display_name: 'A b',
      payload: Buffer.from(secretJson).toString('base64'),
      key_values: { empty: '', role_arn: 'arn:aws:iam::1:role/a=b' },
    });
    expect(given.stub.seen[0]?.headers['content-type']).toBe('application/json');
  });

  test('shows the metadata only', async () => {
    given.file('aws.json', secretJson);
    const ran = await given.plexctl(create('--payload-file', 'aws.json', '--key-value', 'role=CANARY-kv'));
    expect(ran.stdout).toMatch(/^ID .*CLOUD_ID .*DISPLAY_NAME .*VERSION {2}STATUS .*EXPIRES_AT/);
    expect(ran.stdout).toContain('Acme AWS provisioner secret  1        active');
    expect(ran.stdout + ran.stderr).not.toMatch(/CANARY|Q0FOQVJZ/);
  });

  test.each([
    ['without a line break', Buffer.from('abc')],
    ['with one', Buffer.from('abc\n')],
    ['binary', Buffer.from([0, 255, 13, 10, 128])],
  ])('sends stdin byte for byte: %s', async (_, stdin) => {
    expect((await given.plexctl(create('--payload-file', '-'), { stdin })).code).toBe(0);
    const body: { payload: string; key_values?: unknown } = JSON.parse(given.stub.seen[0]?.body ?? '');
    expect(Buffer.from(body.payload, 'base64')).toEqual(stdin);
    expect(body).not.toHaveProperty('key_values');
  });

  test('an empty payload is for the server to refuse, and its code is shown', async () => {
    given.stub.answers.set(`POST ${path}`, problem(400, 'invalid_payload', 'The payload is empty.'));
    const ran = await given.plexctl(create('--payload-file', '-'), { stdin: '' });
    expect(JSON.parse(given.stub.seen[0]?.body ?? '')).toEqual({ display_name: 'A b', payload: '' });
    expect(ran).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: invalid_payload: The payload is empty. (HTTP 400, correlation id corr-1)\n',
    });
  });

  test.each([
    [400, 'invalid_display_name', 1],
    [401, 'unauthenticated', 3],
    [403, 'permission_denied', 77],
    [403, 'rebac_denied', 77],
    [404, 'cloud_not_found', 4],
    [409, 'conflict', 5],
    [413, 'request_body_too_large', 1],
    [500, 'internal', 1],
    [503, 'openbao_unavailable', 1],
  ])('HTTP %i %s: exit %i', async (status, code, expected) => {
    given.stub.answers.set(`POST ${path}`, problem(status, code, 'Detail.'));
    const ran = await given.plexctl(create('--payload-file', '-'), { stdin: 'x' });
    expect(ran.code).toBe(expected);
    expect(ran.stderr).toContain(`Error: ${code}: Detail.`);
    expect(ran.stdout).toBe('');
  });

  test('413 advises to reference a large secret, whatever the body of the answer', async () => {
    for (const answer of [problem(413, 'request_body_too_large', 'Too large.'), { status: 413, raw: '<html>CANARY' }]) {
      given.stub.answers.set(`POST ${path}`, answer);
      const ran = await given.plexctl(create('--payload-file', '-'), { stdin: 'x'.repeat(9000) });
      expect(ran.stderr).toMatch(/request_body_too_large: .*issue a credential that references it/);
      expect(ran.stderr).not.toContain('CANARY');
    }
  });

  test('a payload beyond all measure is refused in the same words, without being sent', async () => {
    const ran = await given.plexctl(create('--payload-file', '-'), { stdin: 'x'.repeat(1_048_577) });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/request_body_too_large: .*issue a credential that references it/);
    expect(given.stub.seen).toEqual([]);
  });

  test('a refusal cannot write to the terminal', async () => {
    given.stub.answers.set(`POST ${path}`, problem(400, 'invalid_body', 'a\u001b[2Jb'));
    expect((await given.plexctl(create('--payload-file', '-'), { stdin: 'x' })).stderr).toContain('a\\u001b[2Jb');
  });

  test.each([
    [['--payload-file', 'missing'], "The file 'missing' with the payload can't be read"],
    [['--payload-file', '-', '--key-value', 'CANARY'], 'must be KEY=VALUE'],
    [['--payload-file', '-', '--key-value', '=CANARY'], 'must be KEY=VALUE'],
    [['--payload-file', '-', '--key-value', 'a=CANARY', '--key-value', 'a=2'], 'once only'],
    [['--payload-file', '-', '--key-value', 'a=1', 'b=CANARY'], 'more words than the command takes'],
    [['--payload-file', '-', '--payload=CANARY'], 'no flag --payload'],
    [['--payload-file', '-', '--payload', 'CANARY'], 'no flag --payload'],
    [['--payload-file', '-', '--cloud-id', 'CANARY'], 'only be specified once'],
    [[], '--payload-file is required'],
  ])('%j: exit 2, nothing sent, and nothing that may be secret is repeated', async (more, message) => {
    const ran = await given.plexctl(create(...more));
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain('CANARY');
    expect(given.stub.seen).toEqual([]);
  });
});
