/**
 * Handles bulk-regenerate (docs/reference/credhub-server.md#bulk-regenerate) and interpolate
 * (docs/reference/credhub-server.md#interpolate).
 */
import type { CredhubRoutes, TreeHandlers } from '@credplex/contract';
import { type Credentials, type JsonNode, JsonObject } from '@credplex/core';
import type { CredhubContext } from './context.ts';
import { namesText, secretJson } from './view.ts';

type Handlers = Pick<TreeHandlers<CredhubRoutes, CredhubContext, JsonNode>, 'bulkRegenerate' | 'interpolate'>;

/** Creates the handlers. `maxBytes`: maximum size of an interpolate response. */
export function bulkHandlers({ credentials, maxBytes }: { credentials: Credentials; maxBytes: number }): Handlers {
  return {
    async bulkRegenerate({ body, context }) {
      const signedBy = body instanceof JsonObject ? body.entries.get('signed_by') : undefined;
      context.trace.action = 'BULK_REGENERATE';
      context.trace.details = { signedBy: typeof signedBy === 'string' ? signedBy : null };
      const made = await credentials.bulkRegenerate(context.caller(), body);
      context.trace.resources = made;
      return { status: 200, json: `{"regenerated_credentials":${namesText(made.map(({ name }) => name))}}` };
    },

    async interpolate({ body, context }) {
      context.trace.action = 'INTERPOLATE';
      const reservation = context.openReservation();
      try {
        const { json, read } = await credentials.interpolate(context.caller(), body, {
          maxBytes,
          reserve: reservation.grow,
        });
        context.trace.resources = [...read];
        return { status: 200, json: secretJson(json, reservation) };
      } catch (error) {
        reservation.release();
        throw error;
      }
    },
  };
}
