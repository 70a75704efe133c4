/** Describes the endpoints about the server itself (docs/reference/credhub-server.md#service-endpoints). */
import { z } from 'zod';
import { route, routes } from '../route.ts';
import { authErrorBody, errorBody, refusals } from './schemas.ts';

const readOnly = z.strictObject({ read_only_mode: z.boolean() });

export const serviceRoutes = routes({
  getInfo: route({
    id: 'getInfo',
    method: 'GET',
    path: '/info',
    summary: 'Where to log in',
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
    summary: 'Whether the process answers',
    auth: 'open',
    responses: { 200: z.strictObject({ status: z.literal('UP') }), 401: authErrorBody },
  }),
  getVersion: route({
    id: 'getVersion',
    method: 'GET',
    path: '/version',
    summary: 'The version of CredHub whose API this is',
    auth: 'session',
    responses: { 200: z.strictObject({ version: z.string() }), ...refusals },
  }),
  getKeyUsage: route({
    id: 'getKeyUsage',
    method: 'GET',
    path: '/api/v1/key-usage',
    summary: 'How many versions are sealed under the active, an inactive, an unknown key',
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
    summary: 'Whether the server is in read-only mode; answered to its own machine only',
    auth: 'open',
    responses: { 200: readOnly, 401: authErrorBody },
  }),
  setManagement: route({
    id: 'setManagement',
    method: 'POST',
    path: '/management',
    summary: 'Switch read-only mode of this process; answered to its own machine only',
    auth: 'open',
    body: z.object({ read_only_mode: z.boolean() }),
    bodyReading: { namesFieldsFirst: true },
    responses: { 200: readOnly, 400: errorBody, 401: authErrorBody, 422: errorBody },
  }),
  getProtectedResource: route({
    id: 'getProtectedResource',
    method: 'GET',
    path: '/.well-known/oauth-protected-resource',
    summary: 'OAuth 2.0 protected resource metadata (RFC 9728)',
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
