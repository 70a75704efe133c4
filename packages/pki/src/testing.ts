/**
 * Issues client certificates for tests, one for each actor of CredHub's recordings. Not for production: keys are
 * unprotected, and invalid certificates are possible on purpose.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { ExtendedKeyUsage } from '@credplex/core';
import { ecKeyPair } from './ec-key-pair.ts';
import { issue } from './issue.ts';
import { OID } from './oids.ts';
import { createCertificateAuthority, type Identity, issueAuthority } from './server-identity.ts';
import { encodeName } from './x500-name.ts';

export type { Identity } from './server-identity.ts';

const deps = { entropy: { bytes: (n: number) => randomBytes(n) } };

const ATTRIBUTES = {
  CN: OID.commonName,
  OU: OID.organizationUnit,
  O: OID.organization,
  C: OID.country,
  ST: OID.state,
  L: OID.locality,
} as const;

/** Relative distinguished names, each with one or more attributes: `[[['CN', 'x']], [['OU', 'a'], ['OU', 'b']]]`. */
export type SubjectRdns = readonly (readonly (readonly [keyof typeof ATTRIBUTES, string])[])[];

/** Issues a client certificate (ECDSA P-256). `ca: 'self'`: self-signed; `ekus: null`: no extended key usage. */
export async function issueClientCertificate(request: {
  ca: Identity | 'self';
  subject: SubjectRdns;
  ekus: readonly ExtendedKeyUsage[] | null;
  days: number;
  now: Date;
}): Promise<Identity> {
  const keys = await ecKeyPair();
  const certificate = await issue(deps, {
    profile: {
      subject: {},
      subjectDer: encodeName(
        request.subject.map((rdn) => rdn.map(([type, value]) => ({ oid: ATTRIBUTES[type], value }))),
      ),
      alternativeNames: null,
      keyUsage: ['digital_signature'],
      extendedKeyUsage: request.ekus,
      isCa: false,
    },
    ...keys,
    signer: request.ca === 'self' ? { self: true } : { self: false, ...request.ca },
    notBefore: request.now,
    durationDays: request.days,
  });
  return { certificate, privateKey: keys.privateKey };
}

/** Issues an intermediate CA. */
export function issueIntermediate({
  ca,
  commonName,
  days,
  now,
}: {
  ca: Identity;
  commonName: string;
  days: number;
  now: Date;
}): Promise<Identity> {
  return issueAuthority({ commonName, signer: { self: false, ...ca }, notBefore: now, days });
}

/** The actors of the recordings that have a certificate. */
export const CERTIFICATE_ACTORS = [
  'app',
  'app_cf',
  'app_both_eku',
  'app_no_eku',
  'app_no_ou',
  'app_bad_ou',
  'app_upper',
  'app_v1uuid',
  'app_no_prefix',
  'app_server_eku',
  'app_untrusted',
  'app_self',
  'app_expired',
] as const;
export type CertificateActor = (typeof CERTIFICATE_ACTORS)[number];

const DAY = 86_400_000;

/**
 * Issues a certificate for each actor. The server must trust `ca`. Actors that identify an app use `guid` (default:
 * random). Valid for 30 days from the day before `now`; `app_expired` has expired the day before.
 */
export async function makeActors(request: {
  ca: Identity;
  now: Date;
  guid?: string;
}): Promise<{ guid: string; actors: Record<CertificateActor, Identity> }> {
  const guid = request.guid ?? randomUUID();
  const yesterday = new Date(request.now.getTime() - DAY);
  const stranger = await createCertificateAuthority({ commonName: 'stranger', days: 30, now: yesterday });
  const cn = [['CN', 'instance']] as const;
  const app = [cn, [['OU', `app:${guid}`]]] as const;
  const ou = (value: string): SubjectRdns => [cn, [['OU', value]]];
  const make = (change: Partial<Parameters<typeof issueClientCertificate>[0]>): Promise<Identity> =>
    issueClientCertificate({
      ca: request.ca,
      subject: app,
      ekus: ['client_auth'],
      days: 30,
      now: yesterday,
      ...change,
    });
  const instance = [
    ['OU', `organization:${randomUUID()}`],
    ['OU', `space:${randomUUID()}`],
    ['OU', `app:${guid}`],
  ] as const;
  const recipes: Record<CertificateActor, Parameters<typeof make>[0]> = {
    app: {},
    app_cf: { subject: [instance, cn] },
    app_both_eku: { ekus: ['server_auth', 'client_auth'] },
    app_no_eku: { ekus: null },
    app_no_ou: { subject: [cn] },
    app_bad_ou: { subject: ou('app:not-a-guid') },
    app_upper: { subject: ou(`app:${guid.toUpperCase()}`) },
    app_v1uuid: { subject: ou('app:1f0c4d6e-8b1a-11ee-b9d1-0242ac120002') },
    app_no_prefix: { subject: ou(guid) },
    app_server_eku: { ekus: ['server_auth'] },
    app_untrusted: { ca: stranger },
    app_self: { ca: 'self' },
    app_expired: { now: new Date(request.now.getTime() - 31 * DAY) },
  };
  const made = await Promise.all(CERTIFICATE_ACTORS.map(async (actor) => [actor, await make(recipes[actor])] as const));
  return { guid, actors: Object.fromEntries(made) as Record<CertificateActor, Identity> };
}
