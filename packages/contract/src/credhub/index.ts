/** CredHub's API: every route of both levels, and the routes as one level has them. */
import type { Level } from '@credplex/core';
import type { ApiDescription } from '../openapi.ts';
import { routesAtLevel } from './at-level.ts';
import { certificateRoutes } from './certificates.ts';
import { dataRoutes } from './data.ts';
import { credhubExamples } from './examples.ts';
import { permissionRoutes } from './permissions.ts';
import { serviceRoutes } from './service.ts';

export const credhub = { ...serviceRoutes, ...dataRoutes, ...certificateRoutes, ...permissionRoutes } as const;

export type CredhubRoutes = typeof credhub;

/** The routes of one level; every client of that level is served by them. */
export const credhubAt = (level: Level): CredhubRoutes => routesAtLevel(credhub, level);

export const credhubApi = (level: Level): ApiDescription => ({
  routes: credhubAt(level),
  examples: credhubExamples,
  tag: 'CredHub',
  description: 'Named credentials with versions, generation and path permissions.',
  errorContentType: 'application/json',
  security: {
    uaa: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'A token of UAA or of the built-in issuer',
    },
    clientCertificate: { type: 'mutualTLS', description: 'A client certificate whose subject names an app' },
  },
});
