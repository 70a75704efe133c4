/**
 * The how-to page "Issue a Cloud Credential": each of its commands as printed, in a shell that has only PLEXSPHERE_URL, TOKEN,
 * SSL_CERT_FILE and CURL_CA_BUNDLE (and the page's own SECRET_JSON), against a server process over TLS that seals into a real
 * OpenBao over TLS. Ids stand where the page has `<…-uuid>`.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noCurl } from './harness/curl.ts';
import { startServer, type TestServer } from './harness/server.ts';

const PLEXCTL = join(import.meta.dirname, '../../cli/bin/plexctl.js');
const SECRET = '{"aws_access_key_id":"AKIDEXAMPLE","aws_secret_access_key":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}';

interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

let bao: TestOpenBao;
let server: TestServer;
let home: string;
let token: string;
let cloudId: string;
/** Everything that a command printed and everything that was answered. */
const printed: string[] = [];

function shell(command: string, input = ''): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], {
      cwd: home,
      env: {
        PATH: `${join(home, 'bin')}:${process.env.PATH ?? ''}`,
        HOME: home,
        PLEXSPHERE_URL: server.url,
        TOKEN: token,
        SSL_CERT_FILE: server.caFile,
        CURL_CA_BUNDLE: server.caFile,
        SECRET_JSON: SECRET,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('error', reject);
    child.once('close', (status) => {
      printed.push(out, err);
      resolve({ status, out, err });
    });
    child.stdin.end(input);
  });
}

async function api(method: string, path: string, body?: unknown, as = token) {
  const headers = { authorization: `Bearer ${as}` };
  const answer = await server.client.sendRaw({ method, path, headers, ...(body === undefined ? {} : { body }) });
  printed.push(answer.text);
  return answer;
}
async function list(): Promise<{ id: string; display_name: string }[]> {
  return ((await api('GET', `/v1/clouds/${cloudId}/cloud-credentials`)).json() as { items: [] }).items;
}
function stored(id: string): Record<string, string> {
  const path = `credplex/clouds/${cloudId}/credentials/${id}`;
  return JSON.parse(bao.bao('kv', 'get', '-format=json', '-mount=secret', path)).data.data;
}

beforeAll(async () => {
  bao = await startOpenBao({ kind: 'raft-tls' });
  const openbao = { address: bao.address, token: bao.token, ca: bao.caFile };
  server = await startServer({ level: 1, settings: { vault: { kind: 'openbao', openbao } } });
  home = mkdtempSync(join(tmpdir(), 'credplex-seed-'));
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin/plexctl'), `#!/bin/sh\nexec '${process.execPath}' '${PLEXCTL}' "$@"\n`);
  chmodSync(join(home, 'bin/plexctl'), 0o755);
  writeFileSync(join(home, 'aws-provisioner.json'), SECRET);
  const operator = JSON.parse(readFileSync(join(server.folder, 'data/operator.json'), 'utf8')) as Record<
    string,
    string
  >;
  token = operator.plexsphere_token ?? '';
  const cloud = await api('POST', '/v1/clouds', {
    display_name: 'Acme production',
    slug: 'acme-production',
    provider: 'aws',
    endpoint: { region: 'eu-central-1', role_arn: 'arn:aws:iam::123456789012:role/acme-cloud' },
    region_defaults: { vpc_cidr: '10.0.0.0/16' },
    external_id: '123456789012',
  });
  cloudId = (cloud.json() as { id: string }).id;
  // "An authenticated session": the page sends to another page for it.
  const login = await shell('plexctl login --server "$PLEXSPHERE_URL" --token-file -', token);
  expect({ status: login.status, err: login.err }).toEqual({ status: 0, err: expect.any(String) });
});
afterAll(async () => {
  await server?.stop();
  await bao?.stop();
  if (home !== undefined) rmSync(home, { recursive: true, force: true });
});

function create(tail: string, cloud = cloudId) {
  return `plexctl cloud credential create \\
  --server       "\${PLEXSPHERE_URL}" \\
  --cloud-id     ${cloud} \\
  --display-name "Acme AWS provisioner secret" \\
  ${tail}`;
}

function post(cloud = cloudId, over = '') {
  return `curl --silent --show-error --fail-with-body -X POST \\
  -H "Authorization: Bearer \${TOKEN}" -H 'content-type: application/json' \\
  "\${PLEXSPHERE_URL}/v1/clouds/${cloud}/cloud-credentials" -d '{
  "display_name": "Acme AWS provisioner secret",
  "payload": "'"$(base64 < ./aws-provisioner.json | tr -d '\\n')"'",
  "key_values": {"role_arn": "arn:aws:iam::123456789012:role/acme-provisioner"}${over}
}'`;
}

describe.skipIf(noCurl)('the page', () => {
  test('issue with plexctl from a file: the metadata is printed, the vault holds the bytes and the pair', async () => {
    const command = `export PLEXSPHERE_URL="\${PLEXSPHERE_URL:-https://localhost:8080}"\n\n${create(
      '--payload-file ./aws-provisioner.json \\\n  --key-value    role_arn=arn:aws:iam::123456789012:role/acme-provisioner',
    )}`;
    const run = await shell(command);
    expect(run).toMatchObject({ status: 0, err: '' });
    const [credential] = (await list()).slice(-1);
    expect(credential).toBeDefined();
    for (const word of [credential?.id ?? '', cloudId, 'Acme AWS provisioner secret', 'active'])
      expect(run.out).toContain(word);
    expect(run.out).toMatch(/\s1\s+active\s/);
    expect(stored(credential?.id ?? '')).toEqual({
      payload: Buffer.from(SECRET).toString('base64'),
      role_arn: 'arn:aws:iam::123456789012:role/acme-provisioner',
    });
  });

  test('issue with plexctl from stdin: the bytes are exact, no newline more or less', async () => {
    const tail = '--payload-file -';
    const run = await shell(`printf '%s' "\${SECRET_JSON}" | ${create(tail)}`);
    expect(run).toMatchObject({ status: 0, err: '' });
    const [credential] = (await list()).slice(-1);
    expect(stored(credential?.id ?? '')).toEqual({ payload: Buffer.from(SECRET).toString('base64') });
    const newline = await shell(create(tail), `\n${SECRET}\n`);
    expect(newline.status).toBe(0);
    const [second] = (await list()).slice(-1);
    expect(stored(second?.id ?? '').payload).toBe(Buffer.from(`\n${SECRET}\n`).toString('base64'));
  });

  test('issue with curl: 201, the metadata, and the address that reads it back', async () => {
    const run = await shell(post());
    expect(run).toMatchObject({ status: 0, err: '' });
    const metadata = JSON.parse(run.out) as Record<string, unknown>;
    expect(metadata).toMatchObject({ cloud_id: cloudId, version: 1, status: 'active' });
    const withHeaders = await shell(post().replace('--silent', '--silent --include'));
    expect(withHeaders.out).toMatch(/^HTTP\/1\.1 201 /);
    const location = /\r\nlocation: (\S+)\r\n/i.exec(withHeaders.out)?.[1] ?? '';
    expect(location).toMatch(/^\/v1\/cloud-credentials\/[0-9a-f-]{36}$/);
    expect((await api('GET', location)).json()).toMatchObject({ cloud_id: cloudId, status: 'active' });
  });

  test('verify: get prints the metadata, list every credential of the cloud', async () => {
    const all = await list();
    const [credential] = all;
    const get = await shell(`plexctl cloud credential get ${credential?.id} --server "\${PLEXSPHERE_URL}"`);
    expect(get).toMatchObject({ status: 0, err: '' });
    expect(get.out).toContain(credential?.id);
    const run = await shell(`plexctl cloud credential list --cloud-id ${cloudId} --server "\${PLEXSPHERE_URL}"`);
    expect(run).toMatchObject({ status: 0, err: '' });
    for (const { id } of all) expect(run.out).toContain(id);
  });
});

describe.skipIf(noCurl)('its troubleshooting table', () => {
  const unknown = '0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11';
  test('403 when the cloud is wrong, with plexctl (exit 77) and with curl', async () => {
    const run = await shell(create('--payload-file ./aws-provisioner.json', unknown));
    expect(run.status).toBe(77);
    expect(run.err).toContain('permission_denied');
    const curl = await shell(post(unknown));
    expect(curl.status).toBe(22);
    expect(JSON.parse(curl.out)).toMatchObject({ status: 403, code: 'permission_denied', reason: 'out_of_scope' });
  });

  test('403 when the caller does not manage the cloud, before the payload is looked at', async () => {
    const admin = token;
    // The operator command gives another user a token, as it would on that machine.
    const config = join(server.folder, 'credplex.yml');
    const main = join(import.meta.dirname, '../src/main.ts');
    const operate = (words: string) => shell(`'${process.execPath}' '${main}' ${words} --config '${config}'`);
    expect((await operate('user add ada --generate')).status).toBe(0);
    const issued = await operate('token issue ada');
    expect(issued.status).toBe(0);
    token = issued.out.trim();
    try {
      const refused = await shell(post(cloudId, ',"wrong":1'));
      expect(JSON.parse(refused.out)).toMatchObject({ status: 403, code: 'permission_denied' });
      expect((await operate(`grant ada cloud_admin cloud:${cloudId}`)).status).toBe(0);
      expect((await shell(post())).status).toBe(0);
      expect((await operate('grants --subject ada')).out).toContain('cloud_admin');
      expect((await operate(`revoke ada cloud_admin cloud:${cloudId}`)).status).toBe(0);
      expect(JSON.parse((await shell(post())).out)).toMatchObject({ code: 'permission_denied' });
    } finally {
      // The token is meant to be printed once, by the command that makes it.
      printed.splice(printed.indexOf(issued.out), 1);
      token = admin;
    }
  });

  test('400 invalid_display_name for a blank one', async () => {
    const blank = (text: string) => text.replace('"Acme AWS provisioner secret"', '"  "');
    const run = await shell(blank(create('--payload-file ./aws-provisioner.json')));
    expect(run.status).not.toBe(0);
    expect(run.err).toContain('invalid_display_name');
    expect(JSON.parse((await shell(blank(post()))).out)).toMatchObject({ status: 400, code: 'invalid_display_name' });
  });

  test('400 invalid_payload for an empty file and for empty stdin', async () => {
    writeFileSync(join(home, 'empty'), '');
    for (const run of [await shell(create('--payload-file ./empty')), await shell(create('--payload-file -'))]) {
      expect(run.status).not.toBe(0);
      expect(run.err).toContain('invalid_payload');
    }
  });

  test('413 request_body_too_large over 8 KiB', async () => {
    const over = `,"pad": "${'x'.repeat(8192)}"`;
    expect(JSON.parse((await shell(post(cloudId, over))).out)).toMatchObject({
      status: 413,
      code: 'request_body_too_large',
    });
    writeFileSync(join(home, 'large'), 'x'.repeat(9000));
    const run = await shell(create('--payload-file ./large'));
    expect(run.status).not.toBe(0);
    expect(run.err).toContain('request_body_too_large');
  });
});

test('no command and no answer, and nothing that the server wrote, ever showed the secret', async () => {
  const everything = [...printed, server.output(), server.auditLines().join('\n')].join('\n');
  for (const form of ['wJalrXUtnFEMI', Buffer.from(SECRET).toString('base64').slice(8, 48), 'role/acme-provisioner'])
    expect(everything).not.toContain(form);
});
