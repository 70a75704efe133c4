/** The credentials, permissions and PEM texts that the examples of golden/errors.json speak of (its `about`). */
import { createPrivateKey } from 'node:crypto';
import type { TypeName } from '@credplex/core';
import { recordedFixtures } from './golden.ts';
import { succeeded } from './http.ts';
import { ADMIN } from './recorded-actors.ts';
import type { TestServer } from './server.ts';

const PEM = recordedFixtures('set-certificate');
const pem = (name: string): string => {
  const found = PEM[name];
  if (found === undefined) throw new Error(`the recordings have no fixture ${name}`);
  return found;
};

const SOMEONE = 'uaa-client:someone';

/** Makes them all and gives what the placeholders stand for. */
export async function makeErrorFixtures(server: TestServer): Promise<Readonly<Record<string, string>>> {
  const { call } = server;
  const set = (name: string, type: TypeName, value: unknown) =>
    succeeded(call('PUT /api/v1/data', { body: { name, type, value } }));
  const generate = (name: string, type: TypeName, parameters: Readonly<Record<string, unknown>>) =>
    succeeded(call('POST /api/v1/data', { body: { name, type, parameters } }));
  const certificateId = async (name: string): Promise<string> => {
    const { certificates } = await succeeded(call('GET /api/v1/certificates', { query: { name } }));
    return certificates[0]?.id ?? '';
  };

  await set('/fe/value', 'value', 'a');
  await set('/fe/json', 'json', { a: 1 });
  await set('/fe/password', 'password', 'p');
  await set('/fe/user', 'user', { username: 'u', password: 'p' });
  await generate('/fe/generated', 'password', {});
  const ca = await generate('/fe/ca', 'certificate', { common_name: 'fe ca', is_ca: true });
  await generate('/fe/ca2', 'certificate', { common_name: 'fe ca 2', is_ca: true });
  await generate('/fe/trans-ca', 'certificate', { common_name: 'fe trans ca', is_ca: true });
  const transCaId = await certificateId('/fe/trans-ca');
  const transitional = { params: { id: transCaId }, body: { set_as_transitional: true } };
  await succeeded(call('POST /api/v1/certificates/{id}/regenerate', transitional));
  const leaf = await generate('/fe/leaf', 'certificate', { common_name: 'fe leaf', ca: '/fe/ca' });
  await set('/fe/leaf-imported', 'certificate', { certificate: pem('leaf1'), private_key: pem('leaf1_key') });
  await set('/fe/keyless-ca', 'certificate', { certificate: pem('ca1') });
  await set('/fe/ec-ca', 'certificate', { certificate: pem('ec') });
  await set('/fe/rsa-junk', 'rsa', { public_key: 'junk', private_key: 'junk' });

  const entry = { path: '/fe/*', actor: SOMEONE, operations: ['read' as const] };
  const granted = await succeeded(call('POST /api/v2/permissions', { body: entry }));
  const own = await succeeded(call('GET /api/v2/permissions', { query: { path: '/*', actor: ADMIN } }));

  const leafKey = createPrivateKey(pem('leaf1_key'));
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  return {
    ca_id: await certificateId('/fe/ca'),
    leaf_id: await certificateId('/fe/leaf'),
    trans_ca_id: transCaId,
    ca_version_id: ca.id,
    leaf_version_id: leaf.id,
    perm_uuid: granted.uuid,
    own_perm_uuid: own.uuid,
    'PEM of a leaf certificate': pem('leaf1'),
    'PEM of the CA that signed the leaf': pem('ca1'),
    'PEM of an unrelated CA certificate': pem('ca2'),
    'PEM PKCS#8 RSA key of the leaf': leafKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'PEM RSA key of another certificate': pem('other_key'),
    'PEM encrypted PKCS#8 key': leafKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString(),
    'PEM EC certificate': pem('ec'),
    'PEM EC private key': pem('ec_key_sec1'),
    'certificate without END line': pem('leaf1').slice(0, pem('leaf1').indexOf('-----END')),
  };
}
