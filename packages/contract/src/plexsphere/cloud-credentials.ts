/**
 * Describes cloud credentials. Payload and key-values are never returned
 * (docs/reference/plexsphere-v1.md#cloud-credentials).
 */
import * as z from 'zod';
import { route, routes } from '../route.ts';
import {
  failures,
  idParam,
  keyValues,
  pageOf,
  pageQuery,
  permissionDenied,
  plainText,
  problem,
  time,
  uuid,
} from './schemas.ts';

/** RFC 4648, section 4, with padding. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** An empty `payload` and a blank `display_name` pass here: the domain has codes of their own for them. */
const cloudCredentialIssueRequest = z
  .strictObject({
    display_name: plainText
      .refine((text) => [...text].length <= 256, { error: 'must have at most 256 characters' })
      .meta({ minLength: 1, maxLength: 256 }),
    payload: z
      .string()
      .refine((text) => text.length <= 4096 && BASE64.test(text), {
        error: 'must be base64 with padding and without line breaks, at most 4096 characters (3072 bytes)',
      })
      .meta({ format: 'byte', minLength: 1, maxLength: 4096 }),
    key_values: keyValues.optional(),
  })
  .meta({ id: 'CloudCredentialIssueRequest' });

const cloudCredentialRevokeRequest = z
  .strictObject({
    reason: plainText.meta({ minLength: 1, maxLength: 1024 }),
  })
  .meta({ id: 'CloudCredentialRevokeRequest' });

const cloudCredentialResponse = z
  .strictObject({
    id: uuid,
    cloud_id: uuid,
    display_name: z.string(),
    version: z.int(),
    status: z.enum(['active', 'expired', 'revoked']),
    expires_at: time,
    revoked_at: time.optional(),
    expired_at: time.optional(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'CloudCredential' });

const cloudParams = z.object({ id: idParam('invalid_cloud_id') });
const credentialParams = z.object({ id: idParam('invalid_cloud_credential_id') });

export const cloudCredentialRoutes = routes({
  issueCloudCredential: route({
    id: 'issueCloudCredential',
    method: 'POST',
    path: '/v1/clouds/{id}/cloud-credentials',
    summary: 'Store a secret that a cloud owns',
    description:
      'Needs `manage` on the cloud. `payload` and `key_values` are written to the vault and never returned; ' +
      'the answer is metadata only.',
    auth: 'session',
    params: cloudParams,
    body: cloudCredentialIssueRequest,
    responses: { 201: cloudCredentialResponse, 400: problem, 403: permissionDenied, 413: problem, ...failures },
  }),
  listCloudCredentials: route({
    id: 'listCloudCredentials',
    method: 'GET',
    path: '/v1/clouds/{id}/cloud-credentials',
    summary: 'List the credentials of a cloud',
    description: 'Metadata by time of creation, page by page. Needs `observe` on the cloud.',
    auth: 'session',
    params: cloudParams,
    query: pageQuery,
    responses: { 200: pageOf(cloudCredentialResponse), 400: problem, 403: permissionDenied, ...failures },
  }),
  getCloudCredential: route({
    id: 'getCloudCredential',
    method: 'GET',
    path: '/v1/cloud-credentials/{id}',
    summary: 'Get the metadata of a cloud credential',
    description: 'Needs `observe` on its cloud. There is no operation that returns the secret.',
    auth: 'session',
    params: credentialParams,
    responses: { 200: cloudCredentialResponse, 400: problem, 403: permissionDenied, 404: problem, ...failures },
  }),
  revokeCloudCredential: route({
    id: 'revokeCloudCredential',
    method: 'POST',
    path: '/v1/cloud-credentials/{id}/revoke',
    summary: 'Revoke a cloud credential',
    description:
      'The secret is destroyed in the vault. A second request is answered as the first, and changes ' + 'nothing.',
    auth: 'session',
    params: credentialParams,
    body: cloudCredentialRevokeRequest,
    responses: {
      200: cloudCredentialResponse,
      400: problem,
      403: permissionDenied,
      404: problem,
      413: problem,
      ...failures,
    },
  }),
});
