/** Handlers of clouds. */
import type { AuthoriseHooks, Handlers, PlexsphereRoutes } from '@credplex/contract';
import {
  authoriseCreateCloud,
  type BrokerDeps,
  type CloudRow,
  createCloud,
  getCloud,
  listClouds,
} from '@credplex/core';
import type { PlexsphereContext } from './context.ts';

type CloudRoutes = Pick<PlexsphereRoutes, 'createCloud' | 'listClouds' | 'getCloud'>;

function view(cloud: CloudRow) {
  return {
    id: cloud.id,
    display_name: cloud.displayName,
    slug: cloud.slug,
    provider: cloud.provider,
    endpoint: JSON.parse(cloud.endpoint) as Record<string, unknown>,
    region_defaults: JSON.parse(cloud.regionDefaults) as Record<string, unknown>,
    external_id: cloud.externalId,
    created_at: cloud.createdAt.toISOString(),
    updated_at: cloud.updatedAt.toISOString(),
  };
}

export function cloudHooks(broker: BrokerDeps): AuthoriseHooks<CloudRoutes, PlexsphereContext> {
  return {
    createCloud: ({ context }) => authoriseCreateCloud(broker, context.caller()),
  };
}

export function cloudHandlers(broker: BrokerDeps): Handlers<CloudRoutes, PlexsphereContext> {
  return {
    createCloud: async ({ body, context }) => {
      const cloud = await createCloud(broker, context.caller(), {
        displayName: body.display_name,
        slug: body.slug,
        provider: body.provider,
        endpoint: body.endpoint,
        regionDefaults: body.region_defaults,
        externalId: body.external_id,
      });
      return { status: 201, body: view(cloud), headers: { location: `/v1/clouds/${cloud.id}` } };
    },
    listClouds: async ({ query, context }) => {
      const { items, nextCursor } = await listClouds(broker, context.caller(), query);
      const next = nextCursor === undefined ? {} : { next_cursor: nextCursor };
      return { status: 200, body: { items: items.map(view), ...next } };
    },
    getCloud: async ({ params, context }) => ({
      status: 200,
      body: view(await getCloud(broker, context.caller(), params.id)),
    }),
  };
}
