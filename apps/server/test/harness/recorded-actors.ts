/** Everybody whom the recordings name (golden/recordings/README.md): tokens of a UAA, and client certificates. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '@credplex/pki';
import { makeActors } from '@credplex/pki/testing';
import { clientClaims, type OutsideUaa, userClaims } from './outside-uaa.ts';

export type Actor = { readonly token: string } | { readonly cert: string; readonly key: string };
export type Actors = Readonly<Record<string, Actor>>;

/** Whom the server's configuration allows everything. */
export const ADMIN = 'uaa-client:credhub_client';
export const NOBODY = 'uaa-client:noperm_client';
export const OTHER = 'uaa-client:other_client';
export const USER = 'uaa-user:8c1d0f3e-6a2b-4c7d-9e5f-102938475610';

const hours = (n: number): number => Math.floor(Date.now() / 1000) + n * 3600;

function tokenActors(uaa: OutsideUaa): Readonly<Record<string, { token: string }>> {
  const nobody = clientClaims('noperm_client');
  const texts: Readonly<Record<string, string>> = {
    admin: uaa.token(clientClaims('credhub_client')),
    nobody: uaa.token(nobody),
    other: uaa.token(clientClaims('other_client')),
    user: uaa.token(userClaims(USER.slice('uaa-user:'.length), 'nadia')),
    readscope: uaa.token({ ...nobody, scope: ['credhub.read'] }),
    writescope: uaa.token({ ...nobody, scope: ['credhub.write'] }),
    noscope: uaa.token({ ...nobody, scope: ['uaa.none'] }),
    expired: uaa.token({ ...nobody, iat: hours(-3), exp: hours(-1) }),
    badsig: uaa.token(nobody, { key: 'stranger' }),
    unknownkey: uaa.token(nobody, { key: 'stranger', kid: 'nobody-knows-this-key' }),
    wrongissuer: uaa.token({ ...nobody, iss: 'https://uaa.elsewhere.example/oauth/token' }),
    wrongaudience: uaa.token({ ...nobody, aud: ['something_else'] }),
    future: uaa.token({ ...nobody, nbf: hours(2) }),
    noexp: uaa.token({ ...nobody, exp: undefined }),
    algnone: uaa.token(nobody, { alg: 'none' }),
    alghs: uaa.token(nobody, { alg: 'HS256' }),
    garbage: 'garbage',
  };
  return Object.fromEntries(Object.entries(texts).map(([name, token]) => [name, { token }]));
}

/**
 * All actors, their certificates as files in `folder`, and `actors.json` there for the recordings' own program.
 * `ca` is the client CA that the server trusts.
 */
export async function recordedActors(options: { uaa: OutsideUaa; ca: Identity; folder: string }): Promise<{
  readonly actors: Actors;
  readonly actorsFile: string;
  /** `mtls-app:<guid>` of the actor `app`. */
  readonly app: string;
}> {
  mkdirSync(options.folder, { recursive: true });
  const { guid, actors: certificates } = await makeActors({ ca: options.ca, now: new Date() });
  const files = Object.fromEntries(
    Object.entries(certificates).map(([name, identity]) => {
      const cert = join(options.folder, `${name}.pem`);
      const key = join(options.folder, `${name}.key`);
      writeFileSync(cert, identity.certificate);
      writeFileSync(key, identity.privateKey.reveal(), { mode: 0o600 });
      return [name, { cert, key }];
    }),
  );
  const actors = { ...tokenActors(options.uaa), ...files };
  const actorsFile = join(options.folder, 'actors.json');
  writeFileSync(actorsFile, JSON.stringify(actors));
  return { actors, actorsFile, app: `mtls-app:${guid}` };
}
