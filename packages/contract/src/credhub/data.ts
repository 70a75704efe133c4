/**
 * Describes `/api/v1/data` and the other endpoints for whole credentials
 * (docs/reference/credhub-server.md#data-endpoints).
 */
import { LEVELS, REQUEST_FIELDS } from '@credplex/core';
import * as z from 'zod';
import type { GivenQuery, QueryVariants } from '../query.ts';
import { route, routes } from '../route.ts';
import { bodySchema, json } from './field-schemas.ts';
import { queryFlag, queryInteger, queryNonEmptyText, queryText } from './query.ts';
import { generateBodyAt, setBodyAt } from './request-types.ts';
import { credential, errorBody, refusals, time } from './schemas.ts';

const text = z.string();

function nameNotEmpty({ value: { name }, issues }: z.core.ParsePayload<{ name: string }>): void {
  if (name === '') issues.push({ code: 'too_small', origin: 'string', minimum: 1, path: ['name'], input: name });
}

/** An absent name is a fault before the kinds of the others, an empty one after them. */
const byName = z
  .object({
    name: queryText.describe('Exactly this name, with or without its first slash'),
    current: queryFlag.describe('Only the current version; of a certificate that rotates, two'),
    versions: queryInteger.describe('Only so many, the newest'),
  })
  .check(nameNotEmpty);
const find = z.object({
  path: queryText.optional().describe('A folder: names below it at any depth'),
  'name-like': queryText.optional().describe('A part of the name, in any case'),
  'expires-within-days': queryInteger.describe('Only certificates that end by then'),
});
const allPaths = z.object({ paths: queryFlag.describe('Level 1: the folders of all names') });

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

const found = z
  .strictObject({ version_created_at: time, name: text, expiry_date: time.nullable().optional() })
  .meta({ id: 'FoundCredential', description: '`expiry_date` only with `expires-within-days`' });

export const dataRoutes = routes({
  getCredentialById: route({
    id: 'getCredentialById',
    method: 'GET',
    path: '/api/v1/data/{id}',
    summary: 'Get one version of a credential by its id',
    description:
      'The id is that of a version, as `id` of a credential. A version that the caller may not read looks ' +
      'like one that does not exist.',
    auth: 'session',
    responses: { 200: credential, ...refusals },
  }),
  getCredentials: route({
    id: 'getCredentials',
    method: 'GET',
    path: '/api/v1/data',
    summary: 'Get a credential by name, or find names',
    description:
      'With `path` or `name-like` it lists names, newest first, and ignores the other parameters except ' +
      '`expires-within-days`; the two exclude each other. With `paths=true` level 1 lists the folders. ' +
      'Otherwise `name` is required and the versions of that credential are returned, newest first; ' +
      '`current` and `versions` exclude each other. Only what the caller may read is listed.',
    auth: 'session',
    query: credentialQuery,
    responses: {
      200: z.union([
        z.strictObject({ data: z.array(credential) }).meta({ id: 'Credentials' }),
        z.strictObject({ credentials: z.array(found) }).meta({ id: 'FoundCredentials' }),
        z.strictObject({ paths: z.array(z.strictObject({ path: text })) }).meta({ id: 'Folders' }),
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
    description:
      'Adds a version, also when the value is the stored one. The type of a name never changes. A new name ' +
      'needs the operation `write` on it at level 2; at level 1 anybody may create one and then owns it.',
    auth: 'session',
    body: setBodyAt(LEVELS[1]),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: credential, 400: errorBody, 422: errorBody, ...refusals },
  }),
  generateCredential: route({
    id: 'generateCredential',
    method: 'POST',
    path: '/api/v1/data',
    summary: 'Generate a credential',
    description:
      'Adds a version with a generated value, or returns the stored version where `mode` says so: ' +
      '`no-overwrite` keeps what is there, `converge` keeps it while it satisfies the parameters, ' +
      '`overwrite` always generates. Without a mode it is `converge` at level 2 and `no-overwrite` at level ' +
      '1. Parameters that are left out have their defaults.',
    auth: 'session',
    body: generateBodyAt(LEVELS[1]),
    responses: { 200: credential, 400: errorBody, ...refusals },
  }),
  deleteCredential: route({
    id: 'deleteCredential',
    method: 'DELETE',
    path: '/api/v1/data',
    summary: 'Delete a credential with all its versions',
    description:
      'There is no way back. A credential that the caller may not delete looks like one that does not ' + 'exist.',
    auth: 'session',
    query: z.object({ name: queryNonEmptyText.describe('Exactly this name') }),
    responses: { 204: null, 400: errorBody, ...refusals },
  }),
  regenerateCredential: route({
    id: 'regenerateCredential',
    method: 'POST',
    path: '/api/v1/regenerate',
    summary: 'Regenerate a credential as it was generated',
    description:
      'Adds a version with the parameters of the newest one. A value that was set by hand cannot be ' +
      'regenerated. Certificates that a regenerated CA has signed stay as they are; see bulk-regenerate.',
    auth: 'session',
    body: bodySchema(REQUEST_FIELDS.regenerateCredential),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: credential, 400: errorBody, 422: errorBody, ...refusals },
  }),
  bulkRegenerate: route({
    id: 'bulkRegenerate',
    method: 'POST',
    path: '/api/v1/bulk-regenerate',
    summary: 'Regenerate every certificate that a CA has signed',
    description:
      'Also regenerates what those have signed, parents first, all or nothing. The CA itself stays as it ' +
      'is. The answer lists the names.',
    auth: 'session',
    body: bodySchema(REQUEST_FIELDS.bulkRegenerate),
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
    summary: 'Replace references by the values of json credentials',
    description:
      'Takes the service bindings of an app (`VCAP_SERVICES`). Below each key stands an array of objects; ' +
      'an object `credentials` in one of them that holds `credhub-ref` is replaced by the value of the ' +
      'credential which it names. Everything else is returned as it came.',
    auth: 'session',
    body: z.record(z.string(), json),
    bodyReading: { keepsSurrogates: true },
    responses: { 200: z.record(z.string(), json), 400: errorBody, ...refusals },
  }),
});
