/** Describes questions to the relation graph (docs/reference/plexsphere-v1.md#relations). */
import * as z from 'zod';
import { route, routes } from '../route.ts';
import { failures, jsonObject, problem } from './schemas.ts';

const reference = z.string().meta({ minLength: 1, maxLength: 4096 });

const checkRequest = z
  .strictObject({
    subject: reference,
    relation: reference,
    resource: reference,
    caveat_context: jsonObject.optional(),
  })
  .meta({ id: 'RelationCheckRequest' });

const checkResponse = z
  .strictObject({
    decision: z.enum(['allowed', 'denied']),
    relation_path: z.array(z.string()).optional(),
    reason: z.enum(['out_of_scope', 'insufficient_relation', 'caveat_violation', 'unknown']).optional(),
    correlation_id: z.string(),
  })
  .meta({ id: 'RelationCheck' });

export const authzRoutes = routes({
  checkRelation: route({
    id: 'checkRelation',
    method: 'POST',
    path: '/v1/authz/check',
    summary: 'Ask whether a subject has a relation to a resource',
    description:
      'A denial is an answer with status 200 and a reason, not an error. Subject and resource are written ' +
      '`type:id`.',
    auth: 'session',
    body: checkRequest,
    responses: { 200: checkResponse, 400: problem, 413: problem, ...failures },
  }),
});
