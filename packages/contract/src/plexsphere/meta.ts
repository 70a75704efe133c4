/** Describes the endpoints about the server itself (docs/reference/plexsphere-v1.md#health). */
import * as z from 'zod';
import { route, routes } from '../route.ts';
import { problem, time } from './schemas.ts';

const healthStatus = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'down']),
    checks: z.array(z.strictObject({ name: z.string(), status: z.enum(['ok', 'down']), detail: z.string() })),
  })
  .meta({ id: 'HealthStatus' });

export const metaRoutes = routes({
  getPlexsphereHealth: route({
    id: 'getPlexsphereHealth',
    method: 'GET',
    path: '/v1/health',
    summary: 'Tell whether the server and what it needs work now',
    description:
      '`down` when nothing works, `degraded` when some operations fail. Each check names a dependency, ' +
      'never the cause of its failure.',
    auth: 'open',
    responses: { 200: healthStatus, 503: healthStatus, 500: problem },
  }),
  getPlexsphereVersion: route({
    id: 'getPlexsphereVersion',
    method: 'GET',
    path: '/v1/version',
    summary: 'Tell what is running',
    description: 'Release, commit and date of the build. An installed package does not know its commit.',
    auth: 'open',
    responses: { 200: z.strictObject({ version: z.string(), commit: z.string(), date: time }), 500: problem },
  }),
  getPlexsphereOpenApi: route({
    id: 'getPlexsphereOpenApi',
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'Get this document',
    description: 'The OpenAPI 3.1 description of this API alone. `/openapi.json` describes both APIs of the server.',
    auth: 'open',
    responses: { 200: z.record(z.string(), z.unknown()), 500: problem },
  }),
  getReadiness: route({
    id: 'getReadiness',
    method: 'GET',
    path: '/readyz',
    summary: 'Tell whether to send requests here',
    description: 'For load balancers and probes: once a server is ready it stays so, also while the vault is away.',
    auth: 'open',
    responses: { 200: healthStatus, 503: healthStatus, 500: problem },
  }),
});
