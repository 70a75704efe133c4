/**
 * Describes `/api/v1/permissions` (docs/reference/credhub-server.md#permissions-v1-endpoints) and `/api/v2/permissions`
 * (docs/reference/credhub-server.md#permissions-v2-endpoints).
 */
import { REQUEST_FIELDS } from '@credplex/core';
import * as z from 'zod';
import { route, routes } from '../route.ts';
import { bodySchema } from './field-schemas.ts';
import { queryText } from './query.ts';
import { errorBody, operations, permission, refusals } from './schemas.ts';

const text = z.string();
const actor = queryText.describe('Such as `uaa-user:…`, `uaa-client:…` or `mtls-app:…`');
const wrong = { 400: errorBody, 422: errorBody, ...refusals } as const;

const listed = z
  .strictObject({
    credential_name: text,
    permissions: z.array(
      z.strictObject({ actor: text, operations, path: text.optional().describe('Only at level 2') }),
    ),
  })
  .meta({ id: 'CredentialPermissions', description: 'The entries for exactly one name' });

const entry = bodySchema(REQUEST_FIELDS.createPermission).meta({ id: 'PermissionEntry' });

export const permissionRoutes = routes({
  listPermissionsV1: route({
    id: 'listPermissionsV1',
    method: 'GET',
    path: '/api/v1/permissions',
    summary: 'List the permissions on one credential',
    description: 'Lists the entries for exactly this name; those of the folders above it count too, but are not shown.',
    auth: 'session',
    query: z.object({ credential_name: queryText.describe('Exactly this name') }),
    responses: { 200: listed, 400: errorBody, ...refusals },
  }),
  addPermissionsV1: route({
    id: 'addPermissionsV1',
    method: 'POST',
    path: '/api/v1/permissions',
    summary: 'Add permissions to a credential',
    description:
      'Operations are added to those that an entry has. At level 2 the answer has no body, and an actor ' +
      'that holds every operation already is 409.',
    auth: 'session',
    body: bodySchema(REQUEST_FIELDS.addPermissionsV1),
    bodyReading: { namesFieldsFirst: true, onlyPlainJson: true },
    responses: { 201: listed.nullable(), 409: errorBody, ...wrong },
  }),
  deletePermissionV1: route({
    id: 'deletePermissionV1',
    method: 'DELETE',
    path: '/api/v1/permissions',
    summary: "Delete an actor's permissions on a credential",
    description: 'Deletes the entry for exactly this name. Entries of the folders above it stay.',
    auth: 'session',
    query: z.object({ credential_name: queryText.describe('Exactly this name'), actor }),
    responses: { 204: null, 400: errorBody, ...refusals },
  }),
  createPermission: route({
    id: 'createPermission',
    method: 'POST',
    path: '/api/v2/permissions',
    summary: 'Create a permission entry',
    description:
      'An entry grants an actor operations on a name, or with `/*` at the end on everything below a folder. ' +
      'An entry for the same path and actor is 409; change it by PUT or PATCH.',
    auth: 'session',
    body: entry,
    bodyReading: { namesFieldsFirst: true, onlyPlainJson: true },
    responses: { 201: permission, 409: errorBody, ...wrong },
  }),
  findPermission: route({
    id: 'findPermission',
    method: 'GET',
    path: '/api/v2/permissions',
    summary: 'Get the entry of a path and an actor',
    description:
      "Both are compared in exact case, and the path as it is written in the entry: a folder's entry is not " +
      'found by a name in it.',
    auth: 'session',
    query: z.object({ path: queryText.describe('As the entry has it'), actor }),
    responses: { 200: permission, 400: errorBody, ...refusals },
  }),
  getPermission: route({
    id: 'getPermission',
    method: 'GET',
    path: '/api/v2/permissions/{uuid}',
    summary: 'Get a permission entry by its id',
    description:
      'Needs the operation `read_acl` on the path of the entry. An entry that the caller may not see looks ' +
      'like one that does not exist.',
    auth: 'session',
    responses: { 200: permission, ...refusals },
  }),
  putPermission: route({
    id: 'putPermission',
    method: 'PUT',
    path: '/api/v2/permissions/{uuid}',
    summary: 'Replace the operations of an entry',
    description:
      'Path and actor must be those of the entry: they cannot be changed. Nobody changes the entries of its ' +
      'own actor.',
    auth: 'session',
    body: entry,
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: permission, ...wrong },
  }),
  patchPermission: route({
    id: 'patchPermission',
    method: 'PATCH',
    path: '/api/v2/permissions/{uuid}',
    summary: 'Replace the operations of an entry, given alone',
    description: 'An empty list, null, or a body without `operations` leaves the entry without operations.',
    auth: 'session',
    body: bodySchema(REQUEST_FIELDS.patchPermission),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: permission, ...wrong },
  }),
  deletePermission: route({
    id: 'deletePermission',
    method: 'DELETE',
    path: '/api/v2/permissions/{uuid}',
    summary: 'Delete a permission entry',
    description: 'Returns the entry that was deleted. Nobody deletes the entries of its own actor.',
    auth: 'session',
    responses: { 200: permission, ...refusals },
  }),
});
