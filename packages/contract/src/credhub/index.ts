/** CredHub's API, complete: every route at both levels. */
import type { ApiDescription } from '../openapi.ts';
import { certificateRoutes } from './certificates.ts';
import { dataRoutes } from './data.ts';
import { credhubExamples } from './examples.ts';
import { permissionRoutes } from './permissions.ts';
import { serviceRoutes } from './service.ts';

export const credhub = { ...serviceRoutes, ...dataRoutes, ...certificateRoutes, ...permissionRoutes } as const;

export type CredhubRoutes = typeof credhub;

export const credhubApi: ApiDescription = {
  routes: credhub,
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
