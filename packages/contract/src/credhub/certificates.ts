/**
 * Describes `/api/v1/certificates`, whose ids are those of names
 * (docs/reference/credhub-server.md#certificates-endpoints).
 */
import { REQUEST_FIELDS } from '@credplex/core';
import * as z from 'zod';
import { route, routes } from '../route.ts';
import { bodySchema } from './field-schemas.ts';
import { queryFlag, queryText } from './query.ts';
import { certificateCredential, errorBody, id, refusals, time } from './schemas.ts';

const text = z.string();

const version = z
  .strictObject({
    id,
    expiry_date: time.nullable(),
    transitional: z.boolean(),
    certificate_authority: z.boolean(),
    self_signed: z.boolean(),
    generated: z.boolean().optional().describe('Absent where nobody knows'),
  })
  .meta({ id: 'CertificateVersion' });
const listed = z
  .strictObject({
    name: text,
    versions: z.array(version),
    signed_by: text.describe('Name of the CA; its own name when it signed itself, empty where nobody knows'),
    signs: z.array(text).describe('Names of the certificates that it signed'),
    id,
  })
  .meta({ id: 'Certificate', description: 'A certificate with its versions, newest first' });

const wrong = { 400: errorBody, 422: errorBody, ...refusals } as const;

export const certificateRoutes = routes({
  listCertificates: route({
    id: 'listCertificates',
    method: 'GET',
    path: '/api/v1/certificates',
    summary: 'List certificates with their versions',
    description:
      'With `name` the list has that certificate alone, and it is 404 where there is none. `id` of a ' +
      'certificate is what the other operations on certificates take; it is not the id of a version.',
    auth: 'session',
    query: z.object({ name: queryText.optional().describe('Exactly this name') }),
    responses: { 200: z.strictObject({ certificates: z.array(listed) }), ...refusals },
  }),
  getCertificateVersions: route({
    id: 'getCertificateVersions',
    method: 'GET',
    path: '/api/v1/certificates/{id}/versions',
    summary: 'Get the versions of a certificate',
    description:
      'All of them, newest first. With `current=true` the active version, and the transitional one while a ' +
      'rotation is under way.',
    auth: 'session',
    query: z.object({ current: queryFlag.describe('Only the versions in use') }),
    responses: { 200: z.array(certificateCredential), 400: errorBody, ...refusals },
  }),
  createCertificateVersion: route({
    id: 'createCertificateVersion',
    method: 'POST',
    path: '/api/v1/certificates/{id}/versions',
    summary: 'Add a version of a certificate with a given value',
    description:
      'The rules for the value are those of a set request, except that `ca_name` is stored without a look ' +
      'at that CA. A certificate has at most one transitional version.',
    auth: 'session',
    body: bodySchema(REQUEST_FIELDS.createCertificateVersion),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: certificateCredential, ...wrong },
  }),
  deleteCertificateVersion: route({
    id: 'deleteCertificateVersion',
    method: 'DELETE',
    path: '/api/v1/certificates/{id}/versions/{version_id}',
    summary: 'Delete one version of a certificate',
    description:
      'Returns the version that was deleted. The last version of a certificate stays; delete the credential ' +
      'instead.',
    auth: 'session',
    responses: { 200: certificateCredential, 400: errorBody, ...refusals },
  }),
  regenerateCertificate: route({
    id: 'regenerateCertificate',
    method: 'POST',
    path: '/api/v1/certificates/{id}/regenerate',
    summary: 'Regenerate a certificate',
    description:
      'Without a body the new version is made as the newest one was. `set_as_transitional` keeps the active ' +
      'version in use: it is the first step of a rotation. `duration` is in days.',
    auth: 'session',
    body: bodySchema(REQUEST_FIELDS.regenerateCertificate),
    bodyOptional: true,
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: certificateCredential, ...wrong },
  }),
  updateTransitionalVersion: route({
    id: 'updateTransitionalVersion',
    method: 'PUT',
    path: '/api/v1/certificates/{id}/update_transitional_version',
    summary: 'Move or clear the transitional mark',
    description:
      'The second and third step of a rotation. `version` is the id of a version, `latest`, or null for ' +
      'none. Certificates that this CA has signed get a version that trusts what is now active. Returns the ' +
      'current versions.',
    auth: 'session',
    body: bodySchema(REQUEST_FIELDS.updateTransitionalVersion),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: z.array(certificateCredential), ...wrong },
  }),
});
