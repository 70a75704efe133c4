import { accessOf, auditOf, type Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { canExist, isStorable, withSlash } from '../identifiers/name.ts';
import { readUuid } from '../identifiers/uuid.ts';
import type { FoundName } from '../ports/records.ts';
import { openViews } from './open.ts';
import type { CredentialDeps, Credentials, CredentialView } from './service.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * The last date of a certificate (RFC 5280, 4.1.2.5). PostgreSQL cannot represent every date that 32 bits of days
 * reach.
 */
const [FIRST_TIME, LAST_TIME] = [0, Date.UTC(9999, 11, 31, 23, 59, 59)];

/** GET /api/v1/data/{id}: returns one version. @throws CredError `credential_not_found` */
export async function getById(deps: CredentialDeps, caller: Caller, requestedId: string): Promise<CredentialView> {
  const id = readUuid(requestedId);
  const row = id === undefined ? undefined : await deps.records.readById({ access: accessOf(deps, caller), id });
  if (row === undefined) throw new CredError('credential_not_found');
  const [view] = await openViews(deps, [row]);
  if (view === undefined) throw new CredError('credential_not_found');
  await deps.readAudit.append(auditOf(deps, caller, { action: 'GET', resource: row.name, versionId: row.id }));
  return view;
}

/** GET /api/v1/data?name=: returns versions of a name, newest first. @throws CredError `credential_not_found` */
export async function getByName(
  deps: CredentialDeps,
  caller: Caller,
  query: Parameters<Credentials['getByName']>[1],
): Promise<CredentialView[]> {
  const name = withSlash(query.name);
  if (query.limit !== undefined && query.limit < 0) return refuseNegativeLimit(deps, caller, name);
  const canMatch = query.limit !== 0 && canExist(name);
  const rows = canMatch ? await deps.records.readByName({ ...query, access: accessOf(deps, caller), name }) : [];
  const [newest] = rows;
  if (newest === undefined) throw new CredError('credential_not_found');
  const views = await openViews(deps, rows);
  await deps.readAudit.append(auditOf(deps, caller, { action: 'GET', resource: name, versionId: newest.id }));
  return views;
}

/** Hides the parameter error from callers without read permission; the credential is not looked up (recorded). */
async function refuseNegativeLimit(deps: CredentialDeps, caller: Caller, name: string): Promise<never> {
  const { actor } = accessOf(deps, caller);
  const mayRead =
    actor === null || (canExist(name) && (await deps.permissions.held({ actor, path: name })).has('read'));
  if (mayRead) throw new CredError('invalid_query_parameter', { name: 'versions' });
  throw new CredError('credential_not_found');
}

/** GET /api/v1/data?path= or ?name-like=: streams matching names. Refuses both at once, where CredHub answers 500. */
export async function* findCredentials(
  deps: CredentialDeps,
  caller: Caller,
  query: Parameters<Credentials['find']>[1],
): AsyncGenerator<readonly FoundName[]> {
  const { path, nameLike, expiresWithinDays } = query;
  if (path !== undefined && nameLike !== undefined)
    throw new CredError('invalid_query_parameter', { name: 'name-like' });
  const by = path !== undefined ? { path: folderPrefix(path) } : { nameLike: nameLike ?? '' };
  const details = {
    path: path ?? null,
    nameLike: nameLike ?? null,
    expiresWithinDays: expiresWithinDays ?? null,
  };
  await deps.readAudit.append(auditOf(deps, caller, { action: 'FIND', resource: null, details }));
  if (!isStorable(path ?? nameLike ?? '')) return;
  yield* deps.records.find({
    access: accessOf(deps, caller),
    by,
    expiresBefore: expiresWithinDays === undefined ? undefined : timeAfter(deps.clock.now(), expiresWithinDays),
  });
}

function timeAfter(now: Date, days: number): Date {
  return new Date(Math.min(Math.max(now.getTime() + days * DAY_MS, FIRST_TIME), LAST_TIME));
}

/** Adds a missing leading or trailing slash. */
function folderPrefix(path: string): string {
  const from = withSlash(path);
  return from.endsWith('/') ? from : `${from}/`;
}

/** GET /api/v1/data?paths=true: lists the folders of readable names. */
export async function listPaths(deps: CredentialDeps, caller: Caller): Promise<string[]> {
  const paths = await deps.records.paths({ access: accessOf(deps, caller) });
  await deps.readAudit.append(auditOf(deps, caller, { action: 'FIND', resource: null, details: { paths: true } }));
  return paths;
}

/** GET /api/v1/key-usage: counts versions by the state of their encryption key. */
export async function keyUsage(deps: CredentialDeps): Promise<Awaited<ReturnType<Credentials['keyUsage']>>> {
  const active = deps.vault.activeKeyId();
  const known = new Set(deps.vault.knownKeyIds());
  const usage = { activeKey: 0, inactiveKeys: 0, unknownKeys: 0 };
  for (const [keyId, count] of await deps.records.countByKey()) {
    if (keyId === active) usage.activeKey += count;
    else if (known.has(keyId)) usage.inactiveKeys += count;
    else usage.unknownKeys += count;
  }
  return usage;
}
