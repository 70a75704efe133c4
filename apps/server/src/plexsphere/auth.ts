/** Handlers of whoami and API tokens. */
import type { Handlers, PlexsphereRoutes } from '@credplex/contract';
import {
  type ApiTokenRow,
  type BrokerDeps,
  type IssuedToken,
  issueToken,
  listTokens,
  revokeToken,
  rotateToken,
} from '@credplex/core';
import type { PlexsphereContext } from './context.ts';

type AuthRoutes = Pick<
  PlexsphereRoutes,
  'getWhoami' | 'deleteSession' | 'issueToken' | 'listTokens' | 'revokeToken' | 'rotateToken'
>;

function issued({ row, plaintext }: IssuedToken) {
  return {
    id: row.id,
    // The only response that contains a token.
    plaintext: plaintext.reveal(),
    env_prefix: row.envPrefix,
    expires_at: row.expiresAt.toISOString(),
  };
}

function summary(row: ApiTokenRow) {
  return {
    id: row.id,
    env_prefix: row.envPrefix,
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    ...(row.lastUsedAt === null ? {} : { last_used_at: row.lastUsedAt.toISOString() }),
    ...(row.rotatedAt === null ? {} : { rotated_at: row.rotatedAt.toISOString() }),
  };
}

const END_SESSION = 'plexsphere_session=; Path=/v1/; Max-Age=0; HttpOnly; Secure; SameSite=Strict';

export function authHandlers(broker: BrokerDeps): Handlers<AuthRoutes, PlexsphereContext> {
  return {
    getWhoami: async ({ context }) => {
      const { actor } = context.caller();
      const [kind, subject = ''] = actor.split(':');
      const principal_type = kind === 'service' ? 'service' : 'user';
      return { status: 200, body: { principal_type, principal_scope: 'platform', subject } };
    },
    deleteSession: async () => ({ status: 204, headers: { 'set-cookie': END_SESSION } }),
    issueToken: async ({ body, context }) => {
      const token = await issueToken(broker, context.caller(), {
        identityRef: body.identity_ref,
        environment: body.env_prefix,
        ttlSeconds: body.ttl_seconds,
      });
      return { status: 201, body: issued(token) };
    },
    listTokens: async ({ context }) => ({
      status: 200,
      body: (await listTokens(broker, context.caller())).map(summary),
    }),
    revokeToken: async ({ params, context }) => {
      await revokeToken(broker, context.caller(), params.id);
      return { status: 204 };
    },
    rotateToken: async ({ params, context }) => {
      const token = await rotateToken(broker, context.caller(), params.id);
      const deadline = token.row.previousUntil ?? broker.clock.now();
      return {
        status: 200,
        body: { ...issued(token), rotation_deadline: deadline.toISOString() },
        headers: { sunset: deadline.toUTCString() },
      };
    },
  };
}
