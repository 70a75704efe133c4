/**
 * Describes `/api/v1/data` and the other endpoints for whole credentials
 * (docs/reference/credhub-server.md#data-endpoints).
 */
import { z } from 'zod';
import type { GivenQuery, QueryVariants } from '../query.ts';
import { route, routes } from '../route.ts';
import { queryFlag, queryInteger, queryNonEmptyText, queryText } from './query.ts';
import { generateBody, setBody } from './request-types.ts';
import { credential, errorBody, json, refusals, time } from './schemas.ts';

const text = z.string();

const nameNotEmpty = ({ value: { name }, issues }: z.core.ParsePayload<{ name: string }>): void => {
  if (name === '') issues.push({ code: 'too_small', origin: 'string', minimum: 1, path: ['name'], input: name });
};

/** An absent name is a fault before the kinds of the others, an empty one after them. */
const byName = z.object({ name: queryText, current: queryFlag, versions: queryInteger }).check(nameNotEmpty);
const find = z.object({
  path: queryText.optional(),
  'name-like': queryText.optional(),
  'expires-within-days': queryInteger,
});
const allPaths = z.object({ paths: queryFlag });

const credentialQuery = {
  variants: {
    find: {
      when: ({ path, 'name-like': nameLike }: GivenQuery) => path !== undefined || nameLike !== undefined,
      // docs/reference/divergences.md#names-find-ids: the original answers 500.
      exclusive: ['path', 'name-like'],
      schema: find,
    },
    paths: { when: (given: GivenQuery) => allPaths.safeParse(given).data?.paths === true, schema: allPaths },
    byName: { schema: byName },
  },
} satisfies QueryVariants;

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
    query: credentialQuery,
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
    query: z.object({ name: queryNonEmptyText }),
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
