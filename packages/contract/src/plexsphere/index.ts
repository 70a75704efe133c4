/** Plexsphere's API, as far as it is served. */
import type { ApiDescription } from '../openapi.ts';
import { authRoutes } from './auth.ts';
import { authzRoutes } from './authz.ts';
import { cloudCredentialRoutes } from './cloud-credentials.ts';
import { cloudRoutes } from './clouds.ts';
import { plexsphereExamples } from './examples.ts';
import { metaRoutes } from './meta.ts';

export const plexsphere = {
  ...metaRoutes,
  ...authRoutes,
  ...authzRoutes,
  ...cloudRoutes,
  ...cloudCredentialRoutes,
} as const;

export type PlexsphereRoutes = typeof plexsphere;

export const plexsphereApi: ApiDescription = {
  routes: plexsphere,
  examples: plexsphereExamples,
  tag: 'Plexsphere',
  description: 'Clouds, their credentials, and the relations that say who may use them.',
  errorContentType: 'application/problem+json',
  security: { operatorBearer: { type: 'http', scheme: 'bearer', description: 'An API token (`psk_…`)' } },
};
