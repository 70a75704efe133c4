/** OpenAPI 3.1 out of the route tables. */
import { type Components, createComponents, type Json } from './components.ts';
import type { AnyExample } from './examples.ts';
import { queryShape } from './query.ts';
import type { RouteSpec, Routes } from './route.ts';

/** One API in the document. `errorContentType` is the media type of its 4xx and 5xx bodies. */
export interface ApiDescription {
  readonly routes: Routes;
  /** By route id. */
  readonly examples: Readonly<Record<string, AnyExample>>;
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

interface Operation {
  readonly spec: RouteSpec;
  readonly api: ApiDescription;
  readonly components: Components;
  readonly example: AnyExample;
}

function exampleOf(example: unknown): Json {
  return example === undefined ? {} : { example };
}

function parametersIn(place: 'path' | 'query', { spec, components, example }: Operation): Json[] {
  const schema = place === 'path' ? spec.params : spec.query && queryShape(spec.query);
  const examples = (place === 'path' ? example.params : example.query) ?? {};
  const described =
    schema &&
    // The input of a query's codec are texts, its output is the value that a client thinks of.
    (components.schemaOf(schema, place === 'query' ? 'output' : 'input') as {
      properties?: Record<string, { description?: string }>;
      required?: string[];
    });
  const shapes: Record<string, { description?: string }> = described?.properties ?? {};
  const names =
    place === 'path' ? [...spec.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name) : Object.keys(shapes);
  return names.map((name) => {
    const { description, ...shape } = shapes[name] ?? { type: 'string' };
    return {
      name,
      in: place,
      required: place === 'path' || (described?.required ?? []).includes(name),
      ...(description === undefined ? {} : { description }),
      schema: shape,
      ...exampleOf(examples[name]),
    };
  });
}

function requestBody({ spec, components, example }: Operation): Json {
  if (spec.body === undefined) return {};
  const content = { schema: components.schemaOf(spec.body, 'input'), ...exampleOf(example.body) };
  return { requestBody: { required: spec.bodyOptional !== true, content: { 'application/json': content } } };
}

function responsesOf({ spec, api, components, example }: Operation): Json {
  const entries = Object.entries(spec.responses).map(([status, schema]) => {
    const code = Number(status);
    const description = REASONS[code] ?? `Status ${status}`;
    if (schema === null) return [status, { description }];
    const type = code >= 400 ? api.errorContentType : 'application/json';
    const content = {
      schema: components.schemaOf(schema, 'output'),
      ...exampleOf(code < 300 ? example.answer : undefined),
    };
    return [status, { description, content: { [type]: content } }];
  });
  return Object.fromEntries(entries) as Json;
}

function operation(parts: Operation): Json {
  const { spec, api } = parts;
  const parameters = [...parametersIn('path', parts), ...parametersIn('query', parts)];
  return {
    operationId: spec.id,
    summary: spec.summary,
    description: spec.description,
    tags: [api.tag],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBody(parts),
    responses: responsesOf(parts),
    security: spec.auth === 'open' ? [] : Object.keys(api.security).map((name) => ({ [name]: [] })),
  };
}

/** The document for one API or several; paths of different APIs never overlap. */
export function openapi(info: { title: string; version: string }, apis: readonly ApiDescription[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const components = createComponents();
  for (const api of apis) {
    for (const spec of Object.values(api.routes)) {
      const parts = { spec, api, components, example: api.examples[spec.id] ?? {} };
      paths[spec.path] = { ...paths[spec.path], [spec.method.toLowerCase()]: operation(parts) };
    }
  }
  const schemas = Object.fromEntries(Object.entries(components.schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    openapi: '3.1.1',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    // Whoever serves the document serves the API.
    servers: [{ url: '/' }],
    tags: apis.map((api) => ({ name: api.tag, description: api.description })),
    paths,
    components: { schemas, securitySchemes: Object.assign({}, ...apis.map((api) => api.security)) as Json },
  };
}
