/** Examples of CredHub's routes for the OpenAPI document. Keys and certificates are cut short. */
import type { Examples } from '../examples.ts';
import type { CredhubRoutes } from './routes.ts';

const id = '2f0c4e5a-6d1b-4b62-9f0c-0b7a1c1f4d3e';
const uuid = '7b1d2c3e-4f50-4a61-8b72-93a4b5c6d7e8';
const name = '/production/db/password';
const version_created_at = '2026-11-22T05:06:29Z';
const password = {
  type: 'password',
  version_created_at,
  id,
  name,
  metadata: { owner: 'payments' },
  value: 'Xk2vQ8mZr4TnW6yB1cD3',
} as const;

const ca = '/production/ca';
const leaf = '/production/web/tls';
const certificate = {
  type: 'certificate',
  version_created_at,
  id,
  name: leaf,
  metadata: null,
  value: {
    ca: '-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n',
    certificate: '-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n',
    private_key: '-----BEGIN RSA PRIVATE KEY-----\n…\n-----END RSA PRIVATE KEY-----\n',
  },
  certificate_authority: false,
  expiry_date: '2027-11-22T05:06:29Z',
  generated: true,
  self_signed: false,
  transitional: false,
} as const;
const generated = { ...certificate, duration_overridden: false, duration_used: 365, key_length: 2048 };

const actor = 'uaa-client:deployer';
const entry = { path: '/production/*', actor, operations: ['read', 'write'] as ('read' | 'write')[] };
const permission = { ...entry, uuid };
const credentialEntries = {
  credential_name: name,
  permissions: [{ path: name, actor, operations: ['read'] as 'read'[] }],
};

export const credhubExamples: Examples<CredhubRoutes> = {
  getInfo: {
    answer: { 'auth-server': { url: 'https://credplex.example.com:8844/uaa' }, app: { name: 'CredHub' } },
  },
  getHealth: { answer: { status: 'UP' } },
  getVersion: { answer: { version: '2.15.20' } },
  getKeyUsage: { answer: { active_key: 120, inactive_keys: 3, unknown_keys: 0 } },
  getManagement: { answer: { read_only_mode: false } },
  setManagement: { body: { read_only_mode: true }, answer: { read_only_mode: true } },
  getProtectedResource: {
    answer: {
      resource: 'https://credplex.example.com:8844',
      bearer_methods_supported: ['header'],
      tls_client_certificate_bound_access_tokens: true,
    },
  },
  getCredentialById: { params: { id }, answer: password },
  getCredentials: { query: { name }, answer: { data: [password] } },
  setCredential: {
    body: { type: 'password', name, value: password.value, metadata: password.metadata },
    answer: password,
  },
  generateCredential: {
    body: { type: 'password', name, parameters: { length: 20, include_special: false }, mode: 'no-overwrite' },
    answer: password,
  },
  deleteCredential: { query: { name } },
  regenerateCredential: { body: { name }, answer: password },
  bulkRegenerate: { body: { signed_by: ca }, answer: { regenerated_credentials: [leaf] } },
  interpolate: {
    body: { 'user-provided': [{ name: 'db', credentials: { 'credhub-ref': '/production/db/credentials' } }] },
    answer: { 'user-provided': [{ name: 'db', credentials: { username: 'app', password: password.value } }] },
  },
  listCertificates: {
    query: { name: leaf },
    answer: {
      certificates: [
        {
          name: leaf,
          versions: [
            {
              id,
              expiry_date: certificate.expiry_date,
              transitional: false,
              certificate_authority: false,
              self_signed: false,
              generated: true,
            },
          ],
          signed_by: ca,
          signs: [],
          id: uuid,
        },
      ],
    },
  },
  getCertificateVersions: { params: { id: uuid }, query: { current: true }, answer: [certificate] },
  createCertificateVersion: {
    params: { id: uuid },
    body: { value: certificate.value, transitional: false },
    answer: { ...certificate, generated: false },
  },
  deleteCertificateVersion: { params: { id: uuid, version_id: id }, answer: certificate },
  regenerateCertificate: {
    params: { id: uuid },
    body: { set_as_transitional: true },
    answer: { ...generated, transitional: true },
  },
  updateTransitionalVersion: { params: { id: uuid }, body: { version: 'latest' }, answer: [certificate] },
  listPermissionsV1: { query: { credential_name: name }, answer: credentialEntries },
  addPermissionsV1: {
    body: { credential_name: name, permissions: [{ actor, operations: ['read'] }] },
    answer: credentialEntries,
  },
  deletePermissionV1: { query: { credential_name: name, actor } },
  createPermission: { body: entry, answer: permission },
  findPermission: { query: { path: entry.path, actor }, answer: permission },
  getPermission: { params: { uuid }, answer: permission },
  putPermission: { params: { uuid }, body: entry, answer: permission },
  patchPermission: { params: { uuid }, body: { operations: entry.operations }, answer: permission },
  deletePermission: { params: { uuid }, answer: permission },
};
