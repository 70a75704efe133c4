/** Handler of `authz/check`. */
import type { Handlers, PlexsphereRoutes } from '@credplex/contract';
import { type BrokerDeps, checkAuthorization } from '@credplex/core';
import type { PlexsphereContext } from './context.ts';

export function authzHandlers(
  broker: BrokerDeps,
): Handlers<Pick<PlexsphereRoutes, 'checkRelation'>, PlexsphereContext> {
  return {
    checkRelation: async ({ body, context }) => {
      const decision = await checkAuthorization(broker, context.caller(), {
        subject: body.subject,
        relation: body.relation,
        resource: body.resource,
        caveatContext: body.caveat_context,
      });
      const correlation_id = context.requestId;
      return decision.allowed
        ? { status: 200, body: { decision: 'allowed', relation_path: [...decision.path], correlation_id } }
        : { status: 200, body: { decision: 'denied', reason: decision.reason, correlation_id } };
    },
  };
}
