/** Describes the caller's identity and API tokens (docs/reference/plexsphere-v1.md#tokens). */
import { MAX_TOKEN_TTL_SECONDS, TOKEN_ENVIRONMENTS } from '@credplex/core';
import { z } from 'zod';
import { route, routes } from '../route.ts';
import { failures, idParam, problem, time, uuid } from './schemas.ts';

const tokenIssueRequest = z.strictObject({
  identity_ref: z.string().regex(/^(?:user|service):[0-9a-fA-F-]{36}$/),
  env_prefix: z.enum(TOKEN_ENVIRONMENTS),
  ttl_seconds: z.int().min(1).max(MAX_TOKEN_TTL_SECONDS).optional(),
});

const tokenIssueResponse = z.strictObject({
  id: uuid,
  /** Shown this once. */
  plaintext: z.string(),
  env_prefix: z.string(),
  expires_at: time,
});

const tokenRotateResponse = z.strictObject({ ...tokenIssueResponse.shape, rotation_deadline: time });

const tokenSummary = z.strictObject({
  id: uuid,
  env_prefix: z.string(),
  created_at: time,
  expires_at: time,
  last_used_at: time.optional(),
  rotated_at: time.optional(),
});

const whoami = z.strictObject({
  principal_type: z.enum(['user', 'service']),
  principal_scope: z.enum(['domain', 'platform']).optional(),
  /** The principal's id alone; its kind is `principal_type`. */
  subject: uuid,
  domain_id: uuid.optional(),
  email: z.string().optional(),
  acr: z.string().optional(),
  amr: z.array(z.string()).max(16).optional(),
});

const tokenParams = z.object({ id: idParam('invalid_token_id') });

export const authRoutes = routes({
  getWhoami: route({
    id: 'getWhoami',
    method: 'GET',
    path: '/v1/auth/whoami',
    summary: 'Who the caller is',
    auth: 'session',
    responses: { 200: whoami, ...failures },
  }),
  deleteSession: route({
    id: 'deleteSession',
    method: 'DELETE',
    path: '/v1/auth/whoami',
    summary: 'End the browser session; never fails, and leaves API tokens alone',
    auth: 'open',
    responses: { 204: null },
  }),
  issueToken: route({
    id: 'issueToken',
    method: 'POST',
    path: '/v1/auth/tokens',
    summary: 'Make an API token for oneself; its plaintext is shown once',
    auth: 'session',
    body: tokenIssueRequest,
    responses: { 201: tokenIssueResponse, 400: problem, 413: problem, ...failures },
  }),
  listTokens: route({
    id: 'listTokens',
    method: 'GET',
    path: '/v1/auth/tokens',
    summary: "The caller's API tokens",
    auth: 'session',
    responses: { 200: z.array(tokenSummary), ...failures },
  }),
  revokeToken: route({
    id: 'revokeToken',
    method: 'DELETE',
    path: '/v1/auth/tokens/{id}',
    summary: 'End an API token at once',
    auth: 'session',
    params: tokenParams,
    responses: { 204: null, 400: problem, 404: problem, ...failures },
  }),
  rotateToken: route({
    id: 'rotateToken',
    method: 'POST',
    path: '/v1/auth/tokens/{id}/rotate',
    summary: 'A new secret under the same id; the old one works until the deadline',
    auth: 'session',
    params: tokenParams,
    responses: { 200: tokenRotateResponse, 400: problem, 404: problem, ...failures },
  }),
});
