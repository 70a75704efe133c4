/** Handlers of cloud credentials. Responses contain metadata, never secrets. */
import type { AuthoriseHooks, Handlers, PlexsphereRoutes } from '@credplex/contract';
import {
  authoriseIssue,
  authoriseRevoke,
  type BrokerDeps,
  type CloudCredentialRow,
  credentialStatus,
  getCloudCredential,
  issueCloudCredential,
  listCloudCredentials,
  revokeCloudCredential,
  secret,
} from '@credplex/core';
import type { PlexsphereContext } from './context.ts';

type CredentialRoutes = Pick<
  PlexsphereRoutes,
  'issueCloudCredential' | 'listCloudCredentials' | 'getCloudCredential' | 'revokeCloudCredential'
>;

function view(row: CloudCredentialRow, now: Date) {
  return {
    id: row.id,
    cloud_id: row.cloudId,
    display_name: row.displayName,
    version: row.version,
    status: credentialStatus(row, now),
    expires_at: row.expiresAt.toISOString(),
    ...(row.revokedAt === null ? {} : { revoked_at: row.revokedAt.toISOString() }),
    ...(row.expiredAt === null ? {} : { expired_at: row.expiredAt.toISOString() }),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/**
 * Refuses a caller without permission before the body is read
 * (docs/reference/plexsphere-v1.md#order-of-refusals).
 */
export function credentialHooks(broker: BrokerDeps): AuthoriseHooks<CredentialRoutes, PlexsphereContext> {
  return {
    issueCloudCredential: ({ params, context }) => authoriseIssue(broker, context.caller(), params.id),
    revokeCloudCredential: ({ params, context }) => authoriseRevoke(broker, context.caller(), params.id),
  };
}

export function credentialHandlers(broker: BrokerDeps): Handlers<CredentialRoutes, PlexsphereContext> {
  const show = (row: CloudCredentialRow) => view(row, broker.clock.now());
  return {
    issueCloudCredential: async ({ params, body, context }) => {
      const row = await issueCloudCredential(broker, context.caller(), params.id, {
        displayName: body.display_name,
        payload: secret(body.payload),
        keyValues: new Map(Object.entries(body.key_values ?? {}).map(([key, value]) => [key, secret(value)])),
      });
      return { status: 201, body: show(row), headers: { location: `/v1/cloud-credentials/${row.id}` } };
    },
    listCloudCredentials: async ({ params, query, context }) => {
      const { items, nextCursor } = await listCloudCredentials(broker, context.caller(), params.id, query);
      const next = nextCursor === undefined ? {} : { next_cursor: nextCursor };
      return { status: 200, body: { items: items.map(show), ...next } };
    },
    getCloudCredential: async ({ params, context }) => ({
      status: 200,
      body: show(await getCloudCredential(broker, context.caller(), params.id)),
    }),
    revokeCloudCredential: async ({ params, body, context }) => ({
      status: 200,
      body: show(await revokeCloudCredential(broker, context.caller(), params.id, body.reason)),
    }),
  };
}
