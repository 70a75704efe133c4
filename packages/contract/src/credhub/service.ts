/** Describes the endpoints about the server itself (docs/reference/credhub-server.md#service-endpoints). */
import { REQUEST_FIELDS } from '@credplex/core';
import * as z from 'zod';
import { route, routes } from '../route.ts';
import { bodySchema } from './field-schemas.ts';
import { authErrorBody, errorBody, refusals } from './schemas.ts';

const readOnly = z.strictObject({ read_only_mode: z.boolean() }).meta({ id: 'ReadOnlyMode' });

export const serviceRoutes = routes({
  getInfo: route({
    id: 'getInfo',
    method: 'GET',
    path: '/info',
    summary: 'Tell where to log in',
    description:
      'Clients call this before they have a token. `auth-server.url` is the issuer of tokens, UAA or the ' +
      'built-in one; it is empty where only client certificates are accepted. Level 1 also gives the ' +
      'version.',
    auth: 'open',
    responses: {
      200: z.strictObject({
        'auth-server': z.strictObject({ url: z.string() }),
        app: z.strictObject({ name: z.literal('CredHub'), version: z.string().optional() }),
      }),
      401: authErrorBody,
    },
  }),
  getHealth: route({
    id: 'getHealth',
    method: 'GET',
    path: '/health',
    summary: 'Tell whether the process answers',
    description:
      'Looks at nothing else: it is 200 while the database is away. Use `/health` of the management address ' +
      'to see the database too.',
    auth: 'open',
    responses: { 200: z.strictObject({ status: z.literal('UP') }), 401: authErrorBody },
  }),
  getVersion: route({
    id: 'getVersion',
    method: 'GET',
    path: '/version',
    summary: 'Get the version of CredHub that is reproduced',
    description:
      'Command lines choose their behaviour by this version. It is that of the API level, not that of ' + 'Credplex.',
    auth: 'session',
    responses: { 200: z.strictObject({ version: z.string() }), ...refusals },
  }),
  getKeyUsage: route({
    id: 'getKeyUsage',
    method: 'GET',
    path: '/api/v1/key-usage',
    summary: 'Count stored versions by encryption key',
    description:
      'After a change of the active encryption key, watch `inactive_keys` fall to 0 before the old key is ' +
      'removed. `unknown_keys` counts versions that no configured key opens.',
    auth: 'session',
    responses: {
      200: z.strictObject({ active_key: z.int(), inactive_keys: z.int(), unknown_keys: z.int() }),
      ...refusals,
    },
  }),
  getManagement: route({
    id: 'getManagement',
    method: 'GET',
    path: '/management',
    summary: 'Get the read-only mode',
    description:
      'Answered only to callers on the machine of the server: the address of the peer must equal the local ' +
      'address of the connection. The path exists only with `management.local_endpoint`.',
    auth: 'open',
    responses: { 200: readOnly, 401: authErrorBody },
  }),
  setManagement: route({
    id: 'setManagement',
    method: 'POST',
    path: '/management',
    summary: 'Switch the read-only mode',
    description:
      'While it is on, every method but GET is refused with 503. The mode belongs to one process and ends ' +
      'with it. Answered only to callers on the machine of the server.',
    auth: 'open',
    body: bodySchema(REQUEST_FIELDS.setManagement),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: readOnly, 400: errorBody, 401: authErrorBody, 422: errorBody },
  }),
  getProtectedResource: route({
    id: 'getProtectedResource',
    method: 'GET',
    path: '/.well-known/oauth-protected-resource',
    summary: 'Get the OAuth 2.0 protected resource metadata',
    description: 'RFC 9728. A client that was refused finds the address of this document in `WWW-Authenticate`.',
    auth: 'open',
    responses: {
      200: z.strictObject({
        resource: z.string(),
        bearer_methods_supported: z.array(z.string()),
        tls_client_certificate_bound_access_tokens: z.boolean(),
      }),
      401: authErrorBody,
    },
  }),
});
