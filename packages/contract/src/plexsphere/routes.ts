/** Plexsphere's table of routes, as far as it is served. */
import { authRoutes } from './auth.ts';
import { authzRoutes } from './authz.ts';
import { cloudCredentialRoutes } from './cloud-credentials.ts';
import { cloudRoutes } from './clouds.ts';
import { metaRoutes } from './meta.ts';

export const plexsphere = {
  ...metaRoutes,
  ...authRoutes,
  ...authzRoutes,
  ...cloudRoutes,
  ...cloudCredentialRoutes,
} as const;

export type PlexsphereRoutes = typeof plexsphere;
