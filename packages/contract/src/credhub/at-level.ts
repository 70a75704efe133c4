/**
 * The routes as one API level has them (docs/reference/credhub-server.md#levels). The whole table is what clients are
 * typed by; a server mounts and documents those of its level.
 */
import type { Level } from '@credplex/core';
import type * as z from 'zod';
import type { RouteSpec } from '../route.ts';
import { generateBodyAt, setBodyAt } from './request-types.ts';
import type { CredhubRoutes } from './routes.ts';

export function routesAtLevel(routes: CredhubRoutes, level: Level): CredhubRoutes {
  const changed = {
    ...routes,
    getCredentials: getCredentialsAt(routes, level),
    setCredential: { ...routes.setCredential, body: setBodyAt(level) },
    generateCredential: { ...routes.generateCredential, body: generateBodyAt(level) },
    addPermissionsV1: addAt(routes, level),
  };
  const entries = Object.entries<RouteSpec>(changed).map(([id, spec]) => [id, withStatusesOf(level, spec)]);
  return Object.fromEntries(entries) as CredhubRoutes;
}

function getCredentialsAt({ getCredentials }: CredhubRoutes, { listsPaths }: Level): RouteSpec {
  const { paths, ...others } = getCredentials.query.variants;
  const { find, byName } = others;
  return { ...getCredentials, query: { variants: listsPaths ? { find, paths, byName } : { find, byName } } };
}

/** The list of entries, or no body. */
function addAt({ addPermissionsV1 }: CredhubRoutes, { permissionsV1 }: Level): RouteSpec {
  const { 201: list, ...others } = addPermissionsV1.responses;
  const answer: z.ZodType | null = permissionsV1 === 'of_path' ? null : list.unwrap();
  return { ...addPermissionsV1, responses: { ...others, 201: answer } };
}

function withStatusesOf({ unprocessableStatus }: Level, spec: RouteSpec): RouteSpec {
  const { 422: unprocessable, ...others } = spec.responses;
  if (unprocessable === undefined || unprocessableStatus === 422) return spec;
  return { ...spec, responses: { ...others, [unprocessableStatus]: unprocessable } };
}
