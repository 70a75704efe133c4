/**
 * OpenAPI 3.1 out of the route tables. JSON Schema of a body is what a client may send (`io: 'input'`), of a response what
 * it gets back.
 */
import { z } from 'zod';
import { queryShape } from './query.ts';
import type { RouteSpec, Routes } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** One API in the document. `errorContentType` is the media type of its 4xx and 5xx bodies. */
export interface ApiDescription {
  readonly routes: Routes;
  readonly tag: string;
  readonly description: string;
  readonly errorContentType: string;
  /** Names of `securitySchemes` (below), any one of which opens a `session` route. */
  readonly security: Readonly<Record<string, Json>>;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No content',
  400: 'The request is wrong; the text says how',
  401: 'No valid identity',
  403: 'Not allowed',
  404: 'Does not exist, or must not be known to exist',
  409: 'Exists already',
  413: 'Body too large',
  422: 'The request cannot be processed; the text says why',
  503: 'Not available now',
};

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}

function parametersOf(spec: RouteSpec): Json[] {
  const part = (schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] => {
    if (schema === undefined) return [];
    // The input of a query's codec are texts, its output is the value that a client thinks of.
    const { properties, required } = jsonSchema(schema, place === 'query' ? 'output' : 'input') as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties ?? {}).map(([name, shape]) => ({
      name,
      in: place,
      required: place === 'path' || (required ?? []).includes(name),
      schema: shape,
    }));
  };
  const described = part(spec.params, 'path');
  const names = new Set(described.map((parameter) => parameter.name));
  const plain = [...spec.path.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1])
    .filter((name) => !names.has(name))
    .map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  return [...described, ...plain, ...part(spec.query && queryShape(spec.query), 'query')];
}

function responsesOf(spec: RouteSpec, errorContentType: string): Json {
  const entries = Object.entries(spec.responses).map(([status, schema]) => {
    const code = Number(status);
    const description = REASONS[code] ?? `Status ${status}`;
    if (schema === null) return [status, { description }];
    const type = code >= 400 ? errorContentType : 'application/json';
    return [status, { description, content: { [type]: { schema: jsonSchema(schema, 'output') } } }];
  });
  return Object.fromEntries(entries) as Json;
}

function operation(spec: RouteSpec, api: ApiDescription): Json {
  const parameters = parametersOf(spec);
  return {
    operationId: spec.id,
    summary: spec.summary,
    tags: [api.tag],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(spec.body === undefined
      ? {}
      : {
          requestBody: {
            required: spec.bodyOptional !== true,
            content: { 'application/json': { schema: jsonSchema(spec.body, 'input') } },
          },
        }),
    responses: responsesOf(spec, api.errorContentType),
    security: spec.auth === 'open' ? [] : Object.keys(api.security).map((name) => ({ [name]: [] })),
  };
}

/** The document for one API or several; paths of different APIs never overlap. */
export function openapi(info: { title: string; version: string }, apis: readonly ApiDescription[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const api of apis) {
    for (const spec of Object.values(api.routes)) {
      paths[spec.path] = { ...paths[spec.path], [spec.method.toLowerCase()]: operation(spec, api) };
    }
  }
  return {
    openapi: '3.1.1',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    // Whoever serves the document serves the API.
    servers: [{ url: '/' }],
    tags: apis.map((api) => ({ name: api.tag, description: api.description })),
    paths,
    components: { securitySchemes: Object.assign({}, ...apis.map((api) => api.security)) as Json },
  };
}
