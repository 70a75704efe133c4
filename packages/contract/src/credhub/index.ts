/** CredHub's API: every route of both levels, and the routes as one level has them. */
import type { Level } from '@credplex/core';
import type { ApiDescription } from '../openapi.ts';
import { routesAtLevel } from './at-level.ts';
import { credhubExamples } from './examples.ts';
import { type CredhubRoutes, credhub } from './routes.ts';

/** The routes of one level; every client of that level is served by them. */
export function credhubAt(level: Level): CredhubRoutes {
  return routesAtLevel(credhub, level);
}

export function credhubApi(level: Level): ApiDescription {
  return {
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
  };
}
