/**
 * Describes `/api/v1/permissions` (docs/reference/credhub-server.md#permissions-v1-endpoints) and `/api/v2/permissions`
 * (docs/reference/credhub-server.md#permissions-v2-endpoints).
 */
import { z } from 'zod';
import { route, routes } from '../route.ts';
import { queryText } from './query.ts';
import { errorBody, operations, permission, refusals } from './schemas.ts';

const text = z.string();
const wrong = { 400: errorBody, 422: errorBody, ...refusals } as const;

const listOfCredential = z.strictObject({
  credential_name: text,
  permissions: z.array(z.strictObject({ actor: text, operations, path: text.optional() })),
});

const full = z.object({ path: text, actor: text, operations });

export const permissionRoutes = routes({
  listPermissionsV1: route({
    id: 'listPermissionsV1',
    method: 'GET',
    path: '/api/v1/permissions',
    summary: 'List the permissions on exactly one credential name',
    auth: 'session',
    query: z.object({ credential_name: queryText }),
    responses: { 200: listOfCredential, 400: errorBody, ...refusals },
  }),
  addPermissionsV1: route({
    id: 'addPermissionsV1',
    method: 'POST',
    path: '/api/v1/permissions',
    summary: 'Add permissions to a credential',
    auth: 'session',
    body: z.object({ credential_name: text, permissions: z.array(z.object({ actor: text, operations })) }),
    bodyReading: { namesFieldsFirst: true, onlyPlainJson: true },
    responses: { 201: listOfCredential.nullable(), 409: errorBody, ...wrong },
  }),
  deletePermissionV1: route({
    id: 'deletePermissionV1',
    method: 'DELETE',
    path: '/api/v1/permissions',
    summary: "Delete an actor's permissions on a credential",
    auth: 'session',
    query: z.object({ credential_name: queryText, actor: queryText }),
    responses: { 204: null, 400: errorBody, ...refusals },
  }),
  createPermission: route({
    id: 'createPermission',
    method: 'POST',
    path: '/api/v2/permissions',
    summary: 'Create a permission entry',
    auth: 'session',
    body: full,
    bodyReading: { namesFieldsFirst: true, onlyPlainJson: true },
    responses: { 201: permission, 409: errorBody, ...wrong },
  }),
  findPermission: route({
    id: 'findPermission',
    method: 'GET',
    path: '/api/v2/permissions',
    summary: 'Get the entry of a path and an actor',
    auth: 'session',
    query: z.object({ path: queryText, actor: queryText }),
    responses: { 200: permission, 400: errorBody, ...refusals },
  }),
  getPermission: route({
    id: 'getPermission',
    method: 'GET',
    path: '/api/v2/permissions/{uuid}',
    summary: 'Get a permission entry',
    auth: 'session',
    responses: { 200: permission, ...refusals },
  }),
  putPermission: route({
    id: 'putPermission',
    method: 'PUT',
    path: '/api/v2/permissions/{uuid}',
    summary: 'Replace the operations of an entry; path and actor must be its own',
    auth: 'session',
    body: full,
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: permission, ...wrong },
  }),
  patchPermission: route({
    id: 'patchPermission',
    method: 'PATCH',
    path: '/api/v2/permissions/{uuid}',
    summary: 'Replace the operations of an entry',
    auth: 'session',
    body: z.object({ operations: operations.nullish() }),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: permission, ...wrong },
  }),
  deletePermission: route({
    id: 'deletePermission',
    method: 'DELETE',
    path: '/api/v2/permissions/{uuid}',
    summary: 'Delete a permission entry',
    auth: 'session',
    responses: { 200: permission, ...refusals },
  }),
});
