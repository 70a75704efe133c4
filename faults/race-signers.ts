/** Certificates that are made while the mark of their CA moves. */
import { strict as assert } from 'node:assert';
import { X509Certificate } from 'node:crypto';
import { type Client, requireNo5xx, runConcurrently } from './program.ts';

const LANES = 8;
const NAMES = 12;
const MOVES = 6;

interface Certificate {
  readonly id: string;
  readonly transitional: boolean;
  readonly value: { readonly ca: string; readonly certificate: string };
}

const sorted = (texts: readonly string[]): string =>
  [...texts]
    .map((text) => text.trim())
    .sort()
    .join('\n');
const pemsOf = (text: string): string[] => text.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [];

/** Checks that each certificate verifies against the first CA that it carries, and carries both versions that its CA has afterwards. */
export async function checkSigners(clients: readonly Client[], round: number): Promise<number> {
  const caName = `/race/${round}/signer`;
  const at = (n: number): Client => clients[n % clients.length] as Client;
  const ok = async <T>(n: number, method: string, path: string, body?: object): Promise<T> => {
    const answer = requireNo5xx(await at(n).call(method, path, body));
    assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`);
    return JSON.parse(answer.text) as T;
  };
  const generate = (n: number, name: string, parameters: object) =>
    ok<Certificate>(n, 'POST', '/api/v1/data', {
      name,
      type: 'certificate',
      mode: 'overwrite',
      parameters: { common_name: 'x', key_type: 'ecdsa-p256', ...parameters },
    });
  const current = async (name: string): Promise<Certificate[]> =>
    (await ok<{ data: Certificate[] }>(0, 'GET', `/api/v1/data?name=${name}&current=true`)).data;

  const first = await generate(0, caName, { is_ca: true });
  const listed = await ok<{ certificates: { id: string }[] }>(0, 'GET', `/api/v1/certificates?name=${caName}`);
  const path = `/api/v1/certificates/${listed.certificates[0]?.id}`;
  await ok<Certificate>(0, 'POST', `${path}/regenerate`, { set_as_transitional: true });
  const mark = (n: number, version: string | null) => ok(n, 'PUT', `${path}/update_transitional_version`, { version });
  for (let turn = 0; turn < MOVES; turn += 1) {
    // Nothing is transitional: what is signed now carries one version, unless it learns of the mark that comes.
    await mark(turn, null);
    const sign = runConcurrently(LANES, NAMES, async (n) => {
      const name = `${caName}/${n}`;
      if (turn > 0 && n % 3 === 1) await ok(n, 'POST', '/api/v1/regenerate', { name });
      else await generate(n, name, { ca: caName });
    });
    await Promise.all([sign, mark(turn + 1, first.id)]);
    const cas = (await current(caName)).map(({ value }) => value.certificate);
    for (let n = 0; n < NAMES; n += 1) {
      for (const { value } of await current(`${caName}/${n}`)) {
        const carried = pemsOf(value.ca);
        const signer = new X509Certificate(carried[0] ?? '');
        assert.ok(new X509Certificate(value.certificate).verify(signer.publicKey), `${caName}/${n} does not verify`);
        assert.equal(sorted(carried), sorted(cas), `${caName}/${n} does not carry both versions of its CA`);
      }
    }
  }
  return NAMES;
}
