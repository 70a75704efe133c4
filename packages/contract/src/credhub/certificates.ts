/**
 * Describes `/api/v1/certificates`, whose ids are those of names
 * (docs/reference/credhub-server.md#certificates-endpoints).
 */
import { z } from 'zod';
import { route, routes } from '../route.ts';
import { queryFlag, queryText } from './query.ts';
import { certificateCredential, errorBody, id, json, refusals, time } from './schemas.ts';

const text = z.string();

const listed = z.strictObject({
  name: text,
  versions: z.array(
    z.strictObject({
      id,
      expiry_date: time.nullable(),
      transitional: z.boolean(),
      certificate_authority: z.boolean(),
      self_signed: z.boolean(),
      /** Absent when nobody knows (create version). */
      generated: z.boolean().optional(),
    }),
  ),
  signed_by: text,
  signs: z.array(text),
  id,
});

const wrong = { 400: errorBody, 422: errorBody, ...refusals } as const;

export const certificateRoutes = routes({
  listCertificates: route({
    id: 'listCertificates',
    method: 'GET',
    path: '/api/v1/certificates',
    summary: 'List certificates with their versions, or the one of a name',
    auth: 'session',
    query: z.object({ name: queryText.optional() }),
    responses: { 200: z.strictObject({ certificates: z.array(listed) }), ...refusals },
  }),
  getCertificateVersions: route({
    id: 'getCertificateVersions',
    method: 'GET',
    path: '/api/v1/certificates/{id}/versions',
    summary: 'Get all versions of a certificate, or the current pair',
    auth: 'session',
    query: z.object({ current: queryFlag }),
    responses: { 200: z.array(certificateCredential), 400: errorBody, ...refusals },
  }),
  createCertificateVersion: route({
    id: 'createCertificateVersion',
    method: 'POST',
    path: '/api/v1/certificates/{id}/versions',
    summary: 'Add a version with a given value',
    auth: 'session',
    body: z.object({ value: z.record(z.string(), json), transitional: z.boolean().optional() }),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: certificateCredential, ...wrong },
  }),
  deleteCertificateVersion: route({
    id: 'deleteCertificateVersion',
    method: 'DELETE',
    path: '/api/v1/certificates/{id}/versions/{version_id}',
    summary: 'Delete one version',
    auth: 'session',
    responses: { 200: certificateCredential, 400: errorBody, ...refusals },
  }),
  regenerateCertificate: route({
    id: 'regenerateCertificate',
    method: 'POST',
    path: '/api/v1/certificates/{id}/regenerate',
    summary: 'Regenerate a certificate, possibly as transitional version',
    auth: 'session',
    body: z.object({
      set_as_transitional: z.boolean().optional(),
      allow_transitional_parent_to_sign: z.boolean().optional(),
      key_length: z.int().nullish(),
      duration: z.int().nullish(),
      metadata: json.optional(),
    }),
    bodyOptional: true,
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: certificateCredential, ...wrong },
  }),
  updateTransitionalVersion: route({
    id: 'updateTransitionalVersion',
    method: 'PUT',
    path: '/api/v1/certificates/{id}/update_transitional_version',
    summary: 'Move or clear the transitional mark',
    auth: 'session',
    body: z.object({ version: z.string().nullish().describe('A version id, "latest", or null for none') }),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: z.array(certificateCredential), ...wrong },
  }),
});
