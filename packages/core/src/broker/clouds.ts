/** Clouds, which own cloud credentials and decide who may issue them (docs/reference/plexsphere-v1.md#clouds). */
import type { Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { uuidV7 } from '../identifiers/uuid-v7.ts';
import type { CloudRow, StoredTuple } from '../ports/plexsphere.ts';
import { auditEvent, outboxEvent } from '../rebac/events.ts';
import { decideRelation, denyRelation, requireRelation } from '../rebac/gate.ts';
import { PLATFORM, parseSubject } from '../rebac/ref.ts';
import { checkRelations } from '../rebac/service.ts';
import { isBlank } from './blank.ts';
import type { BrokerDeps } from './deps.ts';
import { type PageOf, type PageRequest, readPage } from './page.ts';
import { type JsonMap, parseProvider, validateProviderSettings } from './providers.ts';

export interface CloudDraft {
  readonly displayName: string;
  readonly slug: string;
  readonly provider: string;
  readonly endpoint: JsonMap;
  readonly regionDefaults: JsonMap;
  readonly externalId: string;
}

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Counts code points, as the API's length limits do. */
function length(text: string): number {
  return [...text].length;
}

/** Checks the provider's rules before the cloud's own (docs/reference/plexsphere-v1.md#providers). */
function validate(draft: CloudDraft) {
  const provider = parseProvider(draft.provider);
  validateProviderSettings(provider, draft.endpoint, draft.regionDefaults);
  const refuse = (why: string) => new CredError('invalid_cloud', { why });
  if (!SLUG.test(draft.slug) || draft.slug.length > 63)
    throw refuse('slug must be 1 to 63 lower-case letters, digits and single hyphens between them');
  if (isBlank(draft.displayName) || length(draft.displayName) > 256)
    throw refuse('display_name must be 1 to 256 characters and not blank');
  if (draft.externalId === '' || length(draft.externalId) > 4096)
    throw refuse('external_id must be 1 to 4096 characters');
  return { ...draft, provider, displayName: draft.displayName.trim() };
}

/** Checks `manage` on the platform. Called before the request body is read. */
export function authoriseCreateCloud(deps: BrokerDeps, caller: Caller): Promise<void> {
  return requireRelation(deps, caller, { relation: 'manage', resource: PLATFORM, action: 'cloud.create' });
}

/**
 * Creates a cloud. The same transaction makes the creator its `cloud_admin` and links it to the platform, so that
 * credentials can be issued immediately.
 * @throws CredError `unknown_provider`, `invalid_cloud*`, `cloud_slug_conflict`, `cloud_external_id_conflict`
 */
export async function createCloud(deps: BrokerDeps, caller: Caller, draft: CloudDraft): Promise<CloudRow> {
  const valid = validate(draft);
  const creator = parseSubject(caller.actor);
  if (creator === undefined) throw new CredError('unauthenticated');
  const now = deps.clock.now();
  const cloud: CloudRow = {
    id: uuidV7(deps.clock, deps.entropy),
    slug: valid.slug,
    displayName: valid.displayName,
    provider: valid.provider,
    endpoint: JSON.stringify(valid.endpoint),
    regionDefaults: JSON.stringify(valid.regionDefaults),
    externalId: valid.externalId,
    createdAt: now,
    updatedAt: now,
  };
  const resource = { type: 'cloud', id: cloud.id };
  const tuple = (relation: string, subject: StoredTuple['subject']): StoredTuple => ({
    id: uuidV7(deps.clock, deps.entropy),
    resource,
    relation,
    subject,
    createdAt: now,
  });
  const outcome = await deps.records.createCloud({
    cloud,
    tuples: [tuple('cloud_admin', creator), tuple('platform', PLATFORM)],
    event: outboxEvent(deps, caller, 'CloudCreated', {
      cloud_id: cloud.id,
      slug: cloud.slug,
      provider: cloud.provider,
    }),
    audit: auditEvent(deps, caller, 'cloud.create', resource, { slug: cloud.slug, provider: cloud.provider }),
  });
  if (outcome === 'slug_conflict') throw new CredError('cloud_slug_conflict');
  if (outcome === 'external_id_conflict') throw new CredError('cloud_external_id_conflict');
  return cloud;
}

/** Lists the clouds that the caller may observe, by slug. */
export async function listClouds(deps: BrokerDeps, caller: Caller, page: PageRequest): Promise<PageOf<CloudRow>> {
  const subject = parseSubject(caller.actor);
  if (subject === undefined) throw new CredError('unauthenticated');
  const result = await readPage(
    deps,
    { ...page, list: 'clouds', actor: caller.actor },
    (limit, after) => deps.records.listClouds({ limit, after }),
    (cloud) => cloud.slug,
    async (rows) => {
      const resources = rows.map(({ id }) => ({ type: 'cloud', id }));
      const decisions = await checkRelations(deps, subject, 'observe', resources);
      return rows.filter((_, index) => decisions[index]?.allowed === true);
    },
  );
  await deps.readAudit.append(auditEvent(deps, caller, 'cloud.list', PLATFORM, { items: result.items.length }));
  return result;
}

/**
 * Returns a cloud. An unknown cloud and one without a relation to the caller are both `permission_denied`. A caller who
 * may read the platform can observe every cloud, so for such a caller a denial means that the cloud does not exist
 * (docs/reference/divergences.md#clouds).
 * @throws CredError `cloud_not_found`, `permission_denied`
 */
export async function getCloud(deps: BrokerDeps, caller: Caller, id: string): Promise<CloudRow> {
  const resource = { type: 'cloud', id };
  const gate = { relation: 'observe', resource, action: 'cloud.read' };
  const decision = await decideRelation(deps, caller, gate);
  if (!decision.allowed) {
    const platform = await decideRelation(deps, caller, { relation: 'read', resource: PLATFORM });
    if (!platform.allowed) return denyRelation(deps, caller, gate, decision);
    throw new CredError('cloud_not_found');
  }
  const cloud = await deps.records.cloud(id);
  if (cloud === undefined) throw new CredError('cloud_not_found');
  await deps.readAudit.append(auditEvent(deps, caller, 'cloud.read', resource));
  return cloud;
}
