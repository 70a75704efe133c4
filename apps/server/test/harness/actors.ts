/** All actors of the recordings (golden/recordings/README.md): tokens of the test UAA and client certificates. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Identity, makeActors } from '@credplex/pki/testing';
import { strangeKey, type TestUaa } from './uaa.ts';

export const ADMIN_CLIENT = 'credhub_client';

export interface Actors {
  readonly tokens: Readonly<Record<string, string>>;
  readonly certificates: Readonly<Record<string, Identity>>;
  readonly appGuid: string;
  readonly userId: string;
}

/** Their tokens last for an hour. */
export async function createActors(uaa: TestUaa, clientCa: Identity): Promise<Actors> {
  const now = Math.floor(Date.now() / 1000);
  const long = { exp: now + 3600 };
  const client = (id: string, shape: Parameters<TestUaa['clientToken']>[1] = {}) =>
    uaa.clientToken(id, { ...shape, claims: { ...long, ...shape.claims } });
  const stranger = strangeKey();
  const nobody = 'noperm_client';
  const userId = randomUUID();
  const { guid, actors } = await makeActors({ ca: clientCa, now: new Date() });
  return {
    appGuid: guid,
    userId,
    certificates: actors,
    tokens: {
      admin: client(ADMIN_CLIENT),
      nobody: client(nobody),
      other: client('other_client'),
      user: uaa.userToken(userId, 'credhub_user', { claims: long }),
      readscope: client(nobody, { claims: { scope: ['credhub.read'] } }),
      writescope: client(nobody, { claims: { scope: ['credhub.write'] } }),
      noscope: client(nobody, { claims: { scope: ['uaa.none'] } }),
      expired: client(nobody, { claims: { iat: now - 7200, exp: now - 3600 } }),
      badsig: client(nobody, { key: stranger }),
      unknownkey: client(nobody, { key: stranger, header: { kid: 'no-such-key' } }),
      wrongissuer: client(nobody, { claims: { iss: 'https://elsewhere.example/oauth/token' } }),
      wrongaudience: client(nobody, { claims: { aud: ['elsewhere'] } }),
      future: client(nobody, { claims: { nbf: now + 7200, exp: now + 10_800 } }),
      noexp: client(nobody, { claims: { exp: undefined } }),
      algnone: client(nobody, { header: { alg: 'none' } }),
      alghs: client(nobody, { header: { alg: 'HS256' } }),
      garbage: 'garbage',
    },
  };
}

/** `actors.json` for golden.mjs, with the certificates beside it. */
export function writeActors(actors: Actors, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const list: Record<string, Record<string, string>> = {};
  for (const [name, token] of Object.entries(actors.tokens)) list[name] = { token };
  for (const [name, { certificate, privateKey }] of Object.entries(actors.certificates)) {
    writeFileSync(join(folder, `${name}.pem`), certificate);
    writeFileSync(join(folder, `${name}.key`), privateKey.reveal(), { mode: 0o600 });
    list[name] = { cert: `${name}.pem`, key: `${name}.key` };
  }
  const file = join(folder, 'actors.json');
  writeFileSync(file, JSON.stringify(list));
  return file;
}
