/** Describes the caller's identity and API tokens (docs/reference/plexsphere-v1.md#tokens). */
import { MAX_TOKEN_TTL_SECONDS, TOKEN_ENVIRONMENTS } from '@credplex/core';
import * as z from 'zod';
import { route, routes } from '../route.ts';
import { failures, idParam, problem, time, uuid } from './schemas.ts';

const tokenIssueRequest = z
  .strictObject({
    identity_ref: z.string().regex(/^(?:user|service):[0-9a-fA-F-]{36}$/),
    env_prefix: z.enum(TOKEN_ENVIRONMENTS),
    ttl_seconds: z.int().min(1).max(MAX_TOKEN_TTL_SECONDS).optional(),
  })
  .meta({ id: 'TokenIssueRequest' });

const tokenIssueResponse = z
  .strictObject({
    id: uuid,
    /** Shown this once. */
    plaintext: z.string(),
    env_prefix: z.string(),
    expires_at: time,
  })
  .meta({ id: 'IssuedToken' });

const tokenRotateResponse = z
  .strictObject({ ...tokenIssueResponse.shape, rotation_deadline: time })
  .meta({ id: 'RotatedToken' });

const tokenSummary = z
  .strictObject({
    id: uuid,
    env_prefix: z.string(),
    created_at: time,
    expires_at: time,
    last_used_at: time.optional(),
    rotated_at: time.optional(),
  })
  .meta({ id: 'TokenSummary' });

const whoami = z
  .strictObject({
    principal_type: z.enum(['user', 'service']),
    principal_scope: z.enum(['domain', 'platform']).optional(),
    /** The principal's id alone; its kind is `principal_type`. */
    subject: uuid,
    domain_id: uuid.optional(),
    email: z.string().optional(),
    acr: z.string().optional(),
    amr: z.array(z.string()).max(16).optional(),
  })
  .meta({ id: 'Whoami' });

const tokenParams = z.object({ id: idParam('invalid_token_id') });

export const authRoutes = routes({
  getWhoami: route({
    id: 'getWhoami',
    method: 'GET',
    path: '/v1/auth/whoami',
    summary: 'Tell who the caller is',
    description: '`subject` is the id of the user or service account whose token was sent.',
    auth: 'session',
    responses: { 200: whoami, ...failures },
  }),
  deleteSession: route({
    id: 'deleteSession',
    method: 'DELETE',
    path: '/v1/auth/whoami',
    summary: 'End the browser session',
    description: 'It never fails, and API tokens keep working. Without a session it does nothing.',
    auth: 'open',
    responses: { 204: null },
  }),
  issueToken: route({
    id: 'issueToken',
    method: 'POST',
    path: '/v1/auth/tokens',
    summary: 'Make an API token for oneself',
    description:
      '`plaintext` is shown this once and cannot be read later. `env_prefix` becomes part of the token, so ' +
      'that scanners tell environments apart.',
    auth: 'session',
    body: tokenIssueRequest,
    responses: { 201: tokenIssueResponse, 400: problem, 413: problem, ...failures },
  }),
  listTokens: route({
    id: 'listTokens',
    method: 'GET',
    path: '/v1/auth/tokens',
    summary: "List the caller's API tokens",
    description: 'Metadata only; no token can be read again. Revoked and expired tokens are left out.',
    auth: 'session',
    responses: { 200: z.array(tokenSummary), ...failures },
  }),
  revokeToken: route({
    id: 'revokeToken',
    method: 'DELETE',
    path: '/v1/auth/tokens/{id}',
    summary: 'Revoke an API token',
    description: "It stops working at once on every server. Only the caller's own tokens can be revoked.",
    auth: 'session',
    params: tokenParams,
    responses: { 204: null, 400: problem, 404: problem, ...failures },
  }),
  rotateToken: route({
    id: 'rotateToken',
    method: 'POST',
    path: '/v1/auth/tokens/{id}/rotate',
    summary: 'Rotate an API token',
    description: 'The token gets a new secret under its id. The old secret works until `rotation_deadline`.',
    auth: 'session',
    params: tokenParams,
    responses: { 200: tokenRotateResponse, 400: problem, 404: problem, ...failures },
  }),
});
