/** `@credplex/contract`: the routes and wire schemas of both APIs, and what is made from them. */
export * from './client.ts';
export { type CredhubRoutes, credhub, credhubApi, credhubAt } from './credhub/index.ts';
export { documents, plexsphereDocument, wholeDocument } from './documents.ts';
export * from './openapi.ts';
export { type PlexsphereRoutes, plexsphere, plexsphereApi } from './plexsphere/index.ts';
export * from './query.ts';
export * from './route.ts';
