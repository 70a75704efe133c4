/** `@credplex/contract`: the routes and wire schemas of both APIs, and what is made from them. */
export * from './client.ts';
export * from './openapi.ts';
export * from './route.ts';
