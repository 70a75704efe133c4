/** Describes clouds (docs/reference/plexsphere-v1.md#clouds). */
import { CLOUD_PROVIDERS } from '@credplex/core';
import * as z from 'zod';
import { route, routes } from '../route.ts';
import {
  failures,
  idParam,
  jsonObject,
  pageOf,
  pageQuery,
  permissionDenied,
  plainText,
  problem,
  time,
  uuid,
} from './schemas.ts';

const SLUG = '^[a-z0-9]+(-[a-z0-9]+)*$';

/** Values are judged by the domain, which has codes for each (`invalid_cloud`, `unknown_provider` …); here only kinds are. */
const cloudCreateRequest = z
  .strictObject({
    display_name: plainText.meta({ minLength: 1, maxLength: 256 }),
    slug: plainText.meta({ minLength: 1, maxLength: 63, pattern: SLUG }),
    provider: plainText.meta({ enum: [...CLOUD_PROVIDERS] }),
    endpoint: jsonObject,
    region_defaults: jsonObject,
    external_id: plainText.meta({ minLength: 1, maxLength: 4096 }),
  })
  .meta({ id: 'CloudCreateRequest' });

const cloudResponse = z
  .strictObject({
    id: uuid,
    display_name: z.string(),
    slug: z.string(),
    provider: z.enum(CLOUD_PROVIDERS),
    endpoint: jsonObject,
    region_defaults: jsonObject,
    external_id: z.string(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Cloud' });

export const cloudRoutes = routes({
  createCloud: route({
    id: 'createCloud',
    method: 'POST',
    path: '/v1/clouds',
    summary: 'Create a cloud',
    description:
      'Needs `manage` on the platform. The caller becomes the administrator of the cloud. What `endpoint` ' +
      'and `region_defaults` must hold depends on the provider.',
    auth: 'session',
    body: cloudCreateRequest,
    responses: { 201: cloudResponse, 400: problem, 403: permissionDenied, 409: problem, 413: problem, ...failures },
  }),
  listClouds: route({
    id: 'listClouds',
    method: 'GET',
    path: '/v1/clouds',
    summary: 'List clouds',
    description:
      'Those that the caller may observe, by slug, page by page. A page may be short and still not the ' +
      'last: go on while there is a `next_cursor`.',
    auth: 'session',
    query: pageQuery,
    responses: { 200: pageOf(cloudResponse), 400: problem, 403: permissionDenied, ...failures },
  }),
  getCloud: route({
    id: 'getCloud',
    method: 'GET',
    path: '/v1/clouds/{id}',
    summary: 'Get a cloud',
    description:
      'Needs `observe` on the cloud. A cloud that does not exist has no relations, so that others get 403 ' + 'for it.',
    auth: 'session',
    params: z.object({ id: idParam('invalid_cloud_id') }),
    responses: { 200: cloudResponse, 400: problem, 403: permissionDenied, 404: problem, ...failures },
  }),
});
