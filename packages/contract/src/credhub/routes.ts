/** CredHub's table of routes: every route of both levels. */
import { certificateRoutes } from './certificates.ts';
import { dataRoutes } from './data.ts';
import { permissionRoutes } from './permissions.ts';
import { serviceRoutes } from './service.ts';

export const credhub = { ...serviceRoutes, ...dataRoutes, ...certificateRoutes, ...permissionRoutes } as const;

export type CredhubRoutes = typeof credhub;
