/** `@credplex/contract`: the routes and wire schemas of both APIs, and what is made from them. */
export * from './client.ts';
export { byNameQuery, findQuery } from './credhub/data.ts';
export { type CredhubRoutes, credhub, credhubApi } from './credhub/index.ts';
export { FIRST_VALUE_PARAMETERS, queryFlag } from './credhub/schemas.ts';
export { documents, wholeDocument } from './documents.ts';
export * from './openapi.ts';
export { type PlexsphereRoutes, plexsphere, plexsphereApi } from './plexsphere/index.ts';
export * from './route.ts';
