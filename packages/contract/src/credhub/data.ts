/**
 * Describes `/api/v1/data` and the other endpoints for whole credentials
 * (docs/reference/credhub-server.md#data-endpoints).
 */
import { z } from 'zod';
import { route, routes } from '../route.ts';
import { generateBody, setBody } from './request-types.ts';
import { credential, errorBody, json, queryFlag, queryInteger, refusals, time } from './schemas.ts';

const text = z.string();
/** `GET /api/v1/data?name=`: its own parameters; all others it ignores. */
export const byNameQuery = z.object({ name: z.string().optional(), current: queryFlag, versions: queryInteger });
/** `GET /api/v1/data?path=` and `?name-like=`, likewise. */
export const findQuery = z.object({
  path: z.string().optional(),
  'name-like': z.string().optional(),
  'expires-within-days': queryInteger,
});

const found = z.strictObject({ version_created_at: time, name: text, expiry_date: time.nullable().optional() });

export const dataRoutes = routes({
  getCredentialById: route({
    id: 'getCredentialById',
    method: 'GET',
    path: '/api/v1/data/{id}',
    summary: 'Get one version of a credential by its id',
    auth: 'session',
    responses: { 200: credential, ...refusals },
  }),
  getCredentials: route({
    id: 'getCredentials',
    method: 'GET',
    path: '/api/v1/data',
    summary: 'Get a credential by name, or find names by path or part of the name',
    auth: 'session',
    // Texts: which of them count, and are looked at, depends on the variant that is asked for.
    query: z.object({
      name: z.string().optional(),
      current: z.string().optional(),
      versions: z.string().optional(),
      path: z.string().optional(),
      'name-like': z.string().optional(),
      'expires-within-days': z.string().optional(),
      paths: z.string().optional(),
    }),
    responses: {
      200: z.union([
        z.strictObject({ data: z.array(credential) }),
        z.strictObject({ credentials: z.array(found) }),
        z.strictObject({ paths: z.array(z.strictObject({ path: text })) }),
      ]),
      400: errorBody,
      ...refusals,
    },
  }),
  setCredential: route({
    id: 'setCredential',
    method: 'PUT',
    path: '/api/v1/data',
    summary: 'Set a credential to a given value',
    auth: 'session',
    body: setBody,
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: credential, 400: errorBody, 422: errorBody, ...refusals },
  }),
  generateCredential: route({
    id: 'generateCredential',
    method: 'POST',
    path: '/api/v1/data',
    summary: 'Generate a credential',
    auth: 'session',
    body: generateBody,
    responses: { 200: credential, 400: errorBody, ...refusals },
  }),
  deleteCredential: route({
    id: 'deleteCredential',
    method: 'DELETE',
    path: '/api/v1/data',
    summary: 'Delete a credential with all its versions',
    auth: 'session',
    query: z.object({ name: z.string().min(1) }),
    responses: { 204: null, 400: errorBody, ...refusals },
  }),
  regenerateCredential: route({
    id: 'regenerateCredential',
    method: 'POST',
    path: '/api/v1/regenerate',
    summary: 'Regenerate a credential with the parameters it was generated with',
    auth: 'session',
    body: z.object({ name: text, metadata: json.optional() }),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: credential, 400: errorBody, 422: errorBody, ...refusals },
  }),
  bulkRegenerate: route({
    id: 'bulkRegenerate',
    method: 'POST',
    path: '/api/v1/bulk-regenerate',
    summary: 'Regenerate every certificate that a CA has signed',
    auth: 'session',
    body: z.object({ signed_by: text }),
    bodyReading: { namesFieldsFirst: true },
    responses: {
      200: z.strictObject({ regenerated_credentials: z.array(text) }),
      400: errorBody,
      422: errorBody,
      ...refusals,
    },
  }),
  interpolate: route({
    id: 'interpolate',
    method: 'POST',
    path: '/api/v1/interpolate',
    summary: 'Replace credhub-ref references by the values of json credentials',
    auth: 'session',
    body: z.record(z.string(), json),
    bodyReading: { keepsSurrogates: true },
    responses: { 200: z.record(z.string(), json), 400: errorBody, ...refusals },
  }),
});
