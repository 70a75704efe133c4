import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { cloud, givenPlexctl } from '../../../../test/support/plexctl-given.ts';

const given = givenPlexctl();

describe('cloud', () => {
  const created = {
    id: cloud,
    slug: 'acme',
    display_name: 'Acme',
    provider: 'aws',
    endpoint: { zone: 'b', region: 'a', big: 12345678 },
    region_defaults: {},
    external_id: '1',
    created_at: 'c',
    updated_at: 'u',
  };

  test('create sends all six fields', async () => {
    await given.logIn();
    given.stub.answers.set('POST /v1/clouds', { status: 201, body: created });
    const ran = await given.plexctl([
      ...'cloud create --slug acme --provider aws --external-id 1 --region-defaults {} --display-name'.split(' '),
      'Acme',
      '--endpoint',
      '{"region":"a"}',
    ]);
    expect(ran.code).toBe(0);
    expect(JSON.parse(given.stub.seen[0]?.body ?? '')).toEqual({
      display_name: 'Acme',
      slug: 'acme',
      provider: 'aws',
      endpoint: { region: 'a' },
      region_defaults: {},
      external_id: '1',
    });
    expect(ran.stdout).toBe(
      `ID                                    SLUG  DISPLAY_NAME  PROVIDER  EXTERNAL_ID  CREATED_AT  UPDATED_AT\n${cloud}  acme  Acme          aws       1            c           u\n`,
    );
  });

  test('a table fits the terminal; json and a pipe get every character', async () => {
    await given.logIn();
    given.stub.answers.set('GET /v1/clouds', { status: 200, body: { items: [created] } });
    const { stdout } = await given.plexctl('cloud list', { columns: 100 });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(stdout).toContain(cloud);
    for (const words of ['cloud list --output json', 'cloud list']) {
      expect((await given.plexctl(words, words.endsWith('json') ? { columns: 20 } : {})).stdout).not.toContain('…');
    }
  });

  test.each([
    ['--endpoint nope --provider aws', '--endpoint must be a JSON object'],
    ['--endpoint [] --provider aws', '--endpoint must be a JSON object'],
    ['--endpoint {} --provider gcp', '--provider must be one of aws, azure'],
    ['--provider aws', '--endpoint is required'],
  ])('create with %s: exit 2', async (flags, message) => {
    await given.logIn();
    const ran = await given.plexctl(
      `cloud create --slug a --display-name a --external-id 1 --region-defaults {} ${flags}`,
    );
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(given.stub.seen).toEqual([]);
  });

  test('json and yaml are the object of the server, in its order', async () => {
    await given.logIn();
    given.stub.answers.set(`GET /v1/clouds/${cloud}`, { status: 200, body: created });
    const json = await given.plexctl(`cloud get ${cloud.toUpperCase()} --output json`);
    expect(json.stdout).toBe(`${JSON.stringify(created, undefined, 2)}\n`);
    const yaml = await given.plexctl(`cloud get ${cloud} --output yaml`);
    expect(parse(yaml.stdout)).toEqual(created);
    expect(yaml.stdout).toContain('endpoint:\n    zone: b\n    region: a\n    big: 12345678\n');
  });

  test('list shows one page and how to go on; --all follows all pages', async () => {
    await given.logIn();
    given.stub.answers.set('GET /v1/clouds?limit=1', { status: 200, body: { items: [created], next_cursor: 'N/1=' } });
    given.stub.answers.set('GET /v1/clouds?limit=200', {
      status: 200,
      body: { items: [created], next_cursor: 'N/1=' },
    });
    given.stub.answers.set('GET /v1/clouds?limit=200&cursor=N%2F1%3D', {
      status: 200,
      body: { items: [], next_cursor: '2' },
    });
    given.stub.answers.set('GET /v1/clouds?limit=200&cursor=2', {
      status: 200,
      body: { items: [{ ...created, slug: 'last' }] },
    });
    const page = await given.plexctl('cloud list --limit 1');
    expect(page.stdout.split('\n')).toHaveLength(3);
    expect(page.stderr).toContain('--cursor N/1=');
    const all = await given.plexctl('cloud list --all --output json');
    expect(JSON.parse(all.stdout)).toEqual({ items: [created, { ...created, slug: 'last' }] });
    expect(all.stderr).toBe('');
  });

  test('--all and --cursor exclude each other: exit 2', async () => {
    await given.logIn();
    expect((await given.plexctl('cloud list --all --cursor x')).code).toBe(2);
  });
});
