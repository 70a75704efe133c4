/** `@credplex/contract`: the routes and wire schemas of both APIs, and what is made from them. */
export * from './client.ts';
export { bodySchema } from './credhub/field-schemas.ts';
export { credhubApi, credhubAt } from './credhub/index.ts';
export { type CredhubRoutes, credhub } from './credhub/routes.ts';
export { documents, plexsphereDocument, wholeDocument } from './documents.ts';
export * from './openapi.ts';
export { plexsphereApi } from './plexsphere/index.ts';
export { type PlexsphereRoutes, plexsphere } from './plexsphere/routes.ts';
export * from './query.ts';
export * from './route.ts';
