/** Describes the endpoints about the server itself (docs/reference/plexsphere-v1.md#health). */
import { z } from 'zod';
import { route, routes } from '../route.ts';
import { problem, time } from './schemas.ts';

const healthStatus = z.strictObject({
  status: z.enum(['ok', 'degraded', 'down']),
  checks: z.array(z.strictObject({ name: z.string(), status: z.enum(['ok', 'down']), detail: z.string() })),
});

export const metaRoutes = routes({
  getPlexsphereHealth: route({
    id: 'getPlexsphereHealth',
    method: 'GET',
    path: '/v1/health',
    summary: 'Whether the server and what it needs work now',
    auth: 'open',
    responses: { 200: healthStatus, 503: healthStatus, 500: problem },
  }),
  getPlexsphereVersion: route({
    id: 'getPlexsphereVersion',
    method: 'GET',
    path: '/v1/version',
    summary: 'What is running',
    auth: 'open',
    responses: { 200: z.strictObject({ version: z.string(), commit: z.string(), date: time }), 500: problem },
  }),
  getPlexsphereOpenApi: route({
    id: 'getPlexsphereOpenApi',
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'This document',
    auth: 'open',
    responses: { 200: z.record(z.string(), z.unknown()), 500: problem },
  }),
  getReadiness: route({
    id: 'getReadiness',
    method: 'GET',
    path: '/readyz',
    summary: 'Whether to send requests here: once ready, a server stays so',
    auth: 'open',
    responses: { 200: healthStatus, 503: healthStatus, 500: problem },
  }),
});
