/** Examples of Plexsphere's routes for the OpenAPI document. */
import type { Examples } from '../examples.ts';
import type { PlexsphereRoutes } from './routes.ts';

const id = '0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11';
const cloudId = '0197f3c0-12ab-7d3e-8a4b-5c6d7e8f9012';
const subject = '0197f3be-00aa-7b1c-9d2e-3f4a5b6c7d8e';
const created_at = '2026-11-22T05:06:29.000Z';
const expires_at = '2027-02-20T05:06:29.000Z';

const health = {
  status: 'ok',
  checks: [
    { name: 'database', status: 'ok', detail: 'answers' },
    { name: 'vault', status: 'ok', detail: 'answers' },
  ],
} as const;
const answered = { ...health, checks: [...health.checks] };

const issued = { id, plaintext: 'psk_dev_…', env_prefix: 'dev', expires_at };

const newCloud = {
  display_name: 'Payments, production',
  slug: 'payments-production',
  provider: 'aws',
  endpoint: { region: 'eu-central-1' },
  region_defaults: { default_region: 'eu-central-1' },
  external_id: '123456789012',
} as const;
const cloud = { id: cloudId, ...newCloud, created_at, updated_at: created_at };

const credential = {
  id,
  cloud_id: cloudId,
  display_name: 'deploy key',
  version: 1,
  status: 'active',
  expires_at,
  created_at,
  updated_at: created_at,
} as const;

const page = { limit: 50 };

export const plexsphereExamples: Examples<PlexsphereRoutes> = {
  getPlexsphereHealth: { answer: answered },
  getPlexsphereVersion: { answer: { version: '0.1.0', commit: 'unknown', date: created_at } },
  getPlexsphereOpenApi: { answer: { openapi: '3.1.1', info: { title: 'Credplex: Plexsphere API', version: '1' } } },
  getReadiness: { answer: answered },
  getWhoami: { answer: { principal_type: 'user', principal_scope: 'platform', subject } },
  deleteSession: {},
  issueToken: { body: { identity_ref: `user:${subject}`, env_prefix: 'dev', ttl_seconds: 86_400 }, answer: issued },
  listTokens: { answer: [{ id, env_prefix: 'dev', created_at, expires_at }] },
  revokeToken: { params: { id } },
  rotateToken: { params: { id }, answer: { ...issued, rotation_deadline: '2026-11-23T05:06:29.000Z' } },
  checkRelation: {
    body: { subject: `user:${subject}`, relation: 'manage', resource: `cloud:${cloudId}` },
    answer: { decision: 'denied', reason: 'insufficient_relation', correlation_id: id },
  },
  createCloud: { body: newCloud, answer: cloud },
  listClouds: { query: page, answer: { items: [cloud] } },
  getCloud: { params: { id: cloudId }, answer: cloud },
  issueCloudCredential: {
    params: { id: cloudId },
    body: { display_name: 'deploy key', payload: 'c2VjcmV0', key_values: { user: 'deployer' } },
    answer: credential,
  },
  listCloudCredentials: { params: { id: cloudId }, query: page, answer: { items: [credential] } },
  getCloudCredential: { params: { id }, answer: credential },
  revokeCloudCredential: {
    params: { id },
    body: { reason: 'The key was found in a public repository.' },
    answer: { ...credential, status: 'revoked', revoked_at: '2026-11-23T05:06:29.000Z' },
  },
};
