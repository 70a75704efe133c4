import { randomUUID } from 'node:crypto';
import { startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi } from './testing/api.ts';

let bao: TestOpenBao;
beforeAll(async () => {
  bao = await startOpenBao({ kind: 'raft-tls' });
});
afterAll(() => bao.stop());

function settings(token: string): string {
  return JSON.stringify({
    vault: { kind: 'openbao', openbao: { address: bao.address, token, ca: bao.caFile } },
  });
}
function put(api: TestApi, value: string) {
  return api.call('PUT /api/v1/data', { body: { name: `/v/${randomUUID()}`, type: 'value', value } });
}

describe.each([1, 2] as const)('with the vault openbao, level %i', (level) => {
  test('a value that OpenBao cannot store is 413 with the text for a value that is too large', async () => {
    const api = await openTestApi(level, settings(bao.token));
    try {
      const answer = await put(api, 'x'.repeat(1_200_000));
      expect([answer.status, answer.body]).toEqual([413, { error: 'Value exceeds the maximum size.' }]);
      expect((await put(api, 'small enough')).status).toBe(200);
    } finally {
      await api.close();
    }
  });

  test('a large value that a thread handles is stored in OpenBao, shown in the answer, and read back whole', async () => {
    const api = await openTestApi(level, settings(bao.token));
    try {
      const value = 'x'.repeat(300_000);
      const answer = await put(api, value);
      expect(answer.status).toBe(200);
      const { id } = answer.body as { id: string };
      for (const shown of [answer, await api.call('GET /api/v1/data/{id}', { params: { id } })])
        expect((shown.body as { value: string }).value === value).toBe(true);
    } finally {
      await api.close();
    }
  });

  test('a token that ended is 503 without a call to retry, and the log names the cause', async () => {
    const token = bao.bao('token', 'create', '-field=token').trim();
    const api = await openTestApi(level, settings(token));
    try {
      expect((await put(api, 'v')).status).toBe(200);
      bao.bao('token', 'revoke', token);
      const answer = await put(api, 'v');
      expect(answer.status).toBe(503);
      expect(answer.text).not.toMatch(/retry/i);
      expect(answer.response.headers.get('retry-after')).toBeNull();
      expect(api.failures.join('')).toContain('the token is unknown, expired or revoked');
    } finally {
      await api.close();
    }
  });

  test('a read beside a delete of the same name is answered with the value or with 404', async () => {
    const api = await openTestApi(level, settings(bao.token));
    try {
      const statuses = new Set<number>();
      for (let round = 0; round < 40; round += 1) {
        const name = `/race/${randomUUID()}`;
        await api.call('PUT /api/v1/data', { body: { name, type: 'json', value: { a: round } } });
        const body = { VCAP: [{ credentials: { 'credhub-ref': name } }] };
        const reads = [0, 1, 2].flatMap(() => [
          api.call('GET /api/v1/data', { query: { name } }),
          api.call('POST /api/v1/interpolate', { body }),
        ]);
        const answers = await Promise.all([...reads, api.call('DELETE /api/v1/data', { query: { name } })]);
        for (const { status } of answers) statuses.add(status);
      }
      expect([...statuses].filter((status) => ![200, 204, 404].includes(status))).toEqual([]);
    } finally {
      await api.close();
    }
  });
});
