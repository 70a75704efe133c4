/**
 * Our answers against the vendor's OpenAPI document, which is reference only and never part of this repository: without it
 * these tests are skipped, and say so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plexsphere } from '@credplex/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Answer, newCloud, openTestApi, type TestApi, type TestUser } from './testing/api.ts';
import { type Schema, violations } from './testing/json-schema.ts';

const FILE = join(import.meta.dirname, '../../../../../shared/plexsphere/openapi.yaml');
const present = existsSync(FILE);
if (!present) process.stdout.write(`skipped: ${FILE} is not there (reference only, never committed)\n`);

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>;
}

describe.skipIf(!present)('the document of the original', () => {
  let document: Document;
  let api: TestApi;
  let owner: TestUser & { cloudId: string };
  beforeAll(async () => {
    document = parse(readFileSync(FILE, 'utf8')) as Document;
    api = await openTestApi();
    owner = await api.cloudOwner();
  });
  afterAll(() => api?.close());

  test('knows each of our operations by method and path', () => {
    for (const spec of Object.values(plexsphere)) {
      if (spec.path === '/readyz') continue;
      expect(document.paths[spec.path]?.[spec.method.toLowerCase()], `${spec.method} ${spec.path}`).toBeDefined();
    }
  });

  /** Newer than the document: the codes that every operation may answer (docs/reference/plexsphere-v1.md#problems). */
  const everywhere = new Set([400, 403, 404, 405, 413, 503]);
  const check = (path: string, method: string, answer: Answer): void => {
    const operation = document.paths[path]?.[method.toLowerCase()];
    const declared = operation?.responses[String(answer.status)];
    if (declared === undefined) {
      expect(everywhere.has(answer.status), `${method} ${path} answers ${answer.status}`).toBe(true);
      const problem = document.components.schemas.Problem ?? {};
      expect(violations(document.components.schemas, problem, answer.json)).toEqual([]);
      return;
    }
    const [type, media] = Object.entries(declared.content ?? {})[0] ?? [];
    if (media === undefined) {
      expect(answer.text).toBe('');
      return;
    }
    expect(answer.headers.get('content-type')).toBe(type);
    expect(violations(document.components.schemas, media.schema, answer.json), answer.text).toEqual([]);
  };

  test('every answer of a whole life has the declared status, type and shape', async () => {
    const stranger = await api.user();
    const asked = async (
      method: string,
      path: string,
      target: string,
      ask = {},
      token: string | null = owner.token,
    ) => {
      const answer = await api.sendRaw(method, target, { token, ...ask });
      check(path, method, answer);
      return answer;
    };
    const list = `/v1/clouds/${owner.cloudId}/cloud-credentials`;
    const issue = '/v1/clouds/{id}/cloud-credentials';
    for (const path of ['/v1/health', '/v1/version', '/v1/openapi.json']) await asked('GET', path, path);
    const cloud = newCloud();
    await asked('POST', '/v1/clouds', '/v1/clouds', { body: cloud });
    await asked('POST', '/v1/clouds', '/v1/clouds', { body: cloud });
    await asked('POST', '/v1/clouds', '/v1/clouds', { body: '{' });
    await asked('POST', '/v1/clouds', '/v1/clouds', { body: cloud }, stranger.token);
    await asked('POST', '/v1/clouds', '/v1/clouds', { body: cloud }, null);
    await asked('GET', '/v1/clouds', '/v1/clouds?limit=1');
    await asked('GET', '/v1/clouds', '/v1/clouds?limit=0');
    await asked('GET', '/v1/clouds/{id}', `/v1/clouds/${owner.cloudId}`);
    await asked('GET', '/v1/clouds/{id}', '/v1/clouds/0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11');
    await asked('GET', '/v1/clouds/{id}', `/v1/clouds/${owner.cloudId}`, {}, stranger.token);
    const body = { display_name: 'x', payload: 'eA==', key_values: { a: 'b' } };
    const made = await asked('POST', issue, list, { body });
    await asked('POST', issue, list, { body: { ...body, payload: '' } });
    await asked('POST', issue, list, { body: 'x'.repeat(9000) });
    await asked('POST', issue, list, { body }, stranger.token);
    await asked('GET', issue, list);
    await asked('GET', issue, `${list}?cursor=x`);
    const one = '/v1/cloud-credentials/{id}';
    await asked('GET', one, `/v1/cloud-credentials/${made.json.id}`);
    await asked('GET', one, `/v1/cloud-credentials/${made.json.id}`, {}, stranger.token);
    await asked('GET', one, `/v1/cloud-credentials/${owner.cloudId}`);
    const revoke = `/v1/cloud-credentials/${made.json.id}/revoke`;
    await asked('POST', `${one}/revoke`, revoke, { body: { reason: '' } });
    await asked('POST', `${one}/revoke`, revoke, { body: { reason: 'x' } });
    await asked('GET', one, `/v1/cloud-credentials/${made.json.id}`);
    await asked('GET', '/v1/auth/whoami', '/v1/auth/whoami');
    await asked('DELETE', '/v1/auth/whoami', '/v1/auth/whoami');
    const tokens = '/v1/auth/tokens';
    const token = await asked('POST', tokens, tokens, { body: { identity_ref: owner.actor, env_prefix: 'dev' } });
    await asked('POST', tokens, tokens, { body: {} });
    await asked('GET', tokens, tokens);
    await asked('POST', `${tokens}/{id}/rotate`, `${tokens}/${token.json.id}/rotate`);
    await asked('DELETE', `${tokens}/{id}`, `${tokens}/${token.json.id}`);
    await asked('DELETE', `${tokens}/{id}`, `${tokens}/${token.json.id}`);
    const question = { subject: owner.actor, relation: 'manage', resource: `cloud:${owner.cloudId}` };
    await asked('POST', '/v1/authz/check', '/v1/authz/check', { body: question });
    await asked('POST', '/v1/authz/check', '/v1/authz/check', { body: { ...question, relation: 'x' } });
    await asked('POST', '/v1/authz/check', '/v1/authz/check', { body: { ...question, subject: '' } });
  });
});
