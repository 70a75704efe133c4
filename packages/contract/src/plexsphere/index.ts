/** Plexsphere's API, as far as it is served. */
import type { ApiDescription } from '../openapi.ts';
import { plexsphereExamples } from './examples.ts';
import { plexsphere } from './routes.ts';

export const plexsphereApi: ApiDescription = {
  routes: plexsphere,
  examples: plexsphereExamples,
  tag: 'Plexsphere',
  description: 'Clouds, their credentials, and the relations that say who may use them.',
  errorContentType: 'application/problem+json',
  security: { operatorBearer: { type: 'http', scheme: 'bearer', description: 'An API token (`psk_…`)' } },
};
