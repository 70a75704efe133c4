/** Describes questions to the relation graph (docs/reference/plexsphere-v1.md#relations). */
import { z } from 'zod';
import { route, routes } from '../route.ts';
import { failures, jsonObject, problem } from './schemas.ts';

const reference = z.string().meta({ minLength: 1, maxLength: 4096 });

const checkRequest = z.strictObject({
  subject: reference,
  relation: reference,
  resource: reference,
  caveat_context: jsonObject.optional(),
});

const checkResponse = z.strictObject({
  decision: z.enum(['allowed', 'denied']),
  relation_path: z.array(z.string()).optional(),
  reason: z.enum(['out_of_scope', 'insufficient_relation', 'caveat_violation', 'unknown']).optional(),
  correlation_id: z.string(),
});

export const authzRoutes = routes({
  checkRelation: route({
    id: 'checkRelation',
    method: 'POST',
    path: '/v1/authz/check',
    summary: 'Whether a subject has a relation to a resource; a denial is an answer, not an error',
    auth: 'session',
    body: checkRequest,
    responses: { 200: checkResponse, 400: problem, 413: problem, ...failures },
  }),
});
