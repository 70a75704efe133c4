/** Certificates set by hand: keys that generate would refuse, a CA name that is the own name, flags of a further version. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordedFixtures } from '../../test/harness/golden.ts';
import { openTestApi, type TestAnswer, type TestApi } from './testing/api.ts';

const DATA = '/api/v1/data';
const pem = recordedFixtures('odd-values');

describe.each([1, 2] as const)('level %i', (level) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openTestApi(level);
  });
  afterAll(() => api.close());

  const field = (answer: TestAnswer, ...path: (string | number)[]): unknown =>
    path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], answer.body);
  const set = (name: string, value: Readonly<Record<string, unknown>>) =>
    api.sendRaw('PUT', DATA, { name, type: 'certificate', value, ...(level === 1 && { mode: 'overwrite' }) });
  const idOf = async (name: string) =>
    String(field(await api.sendRaw('GET', `/api/v1/certificates?name=${name}`), 'certificates', 0, 'id'));

  test('a key of 1024 bits is regenerated as it is, but not with another duration', async () => {
    await set('/short', { certificate: pem.rsa1024, private_key: pem.rsa1024_key });
    const regenerate = async (body: unknown) =>
      api.sendRaw('POST', `/api/v1/certificates/${await idOf('/short')}/regenerate`, body);
    for (const body of [{ duration: 30 }, { duration: '30' }]) {
      expect(field(await regenerate(body), 'error')).toContain('key length is not supported');
    }
    expect(field(await regenerate({}), 'key_length')).toBe(1024);
    expect(field(await regenerate({ duration: null, metadata: 1 }), 'key_length')).toBe(1024);
    expect(field(await regenerate({ duration: '', key_length: ' ' }), 'key_length')).toBe(1024);
    expect(field(await api.sendRaw('POST', '/api/v1/regenerate', { name: '/short' }), 'key_length')).toBe(1024);
    expect(field(await regenerate({ duration: 30, key_length: 2048 }), 'key_length')).toBe(2048);
  });

  test('a certificate whose ca_name is its own name is not self-signed', async () => {
    const root = { certificate: pem.ca1, private_key: pem.ca1_key };
    expect(field(await set('/own', root), 'self_signed')).toBe(true);
    expect(field(await set('/own', { ...root, ca_name: '/own' }), 'self_signed')).toBe(false);
    const leaf = await set('/own', { certificate: pem.leaf1, private_key: pem.leaf1_key, ca_name: 'own' });
    expect([field(leaf, 'self_signed'), field(leaf, 'certificate_authority')]).toEqual([false, false]);
  });

  test('a further version is generated as far as the request says so', async () => {
    await set('/further', { certificate: pem.ca1, private_key: pem.ca1_key });
    const id = await idOf('/further');
    const generatedOf = async (flag: object) => {
      const value = { certificate: pem.int1, private_key: pem.int1_key, ...flag };
      const made = await api.sendRaw('POST', `/api/v1/certificates/${id}/versions`, { value });
      expect(made.status).toBe(200);
      return field(made, 'generated');
    };
    expect(await generatedOf({ generated: false })).toBe(false);
    expect(await generatedOf({ generated: 'true' })).toBe(true);
    for (const flag of [{}, { generated: null }, { generated: '' }, { generated: ' ' }]) {
      expect(await generatedOf(flag)).toBeUndefined();
    }
  });
});
