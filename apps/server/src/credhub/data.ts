/** Handles `/api/v1/data`: get, find, set, generate, delete (docs/reference/credhub-server.md#data-endpoints). */
import {
  byNameQuery,
  type CredhubRoutes,
  findQuery,
  queryFlag,
  type TextReply,
  type TreeHandlers,
} from '@credplex/contract';
import { CredError, type Credentials, type JsonNode, JsonObject, type Level } from '@credplex/core';
import type { z } from 'zod';
import { type CredhubContext, touched } from './context.ts';
import { refuseQuery } from './dialect.ts';
import { credentialJson, dataJson, foundTexts, pathsText } from './view.ts';

type DataRoute =
  | 'getCredentialById'
  | 'getCredentials'
  | 'setCredential'
  | 'generateCredential'
  | 'deleteCredential'
  | 'regenerateCredential';
type Handlers = Pick<TreeHandlers<CredhubRoutes, CredhubContext, JsonNode>, DataRoute>;
type Query = Parameters<Handlers['getCredentials']>[0]['query'];

const ok = (json: TextReply['json']): TextReply => ({ status: 200, json });

/** name and type, as the original logs them for set and generate. */
function nameAndType(body: JsonNode): Readonly<Record<string, unknown>> {
  const entries = body instanceof JsonObject ? body.entries : new Map<string, JsonNode>();
  const text = (key: string) => {
    const value = entries.get(key);
    return typeof value === 'string' ? value : null;
  };
  return { name: text('name'), type: text('type') };
}

const isRegenerate = (body: JsonNode): boolean =>
  body instanceof JsonObject && body.entries.has('regenerate') && body.entries.get('regenerate') !== null;

/** @throws CredError `invalid_query_parameter` */
function readQuery<S extends z.ZodObject>(schema: S, query: Query): z.output<S> {
  const parsed = schema.safeParse(query);
  if (!parsed.success) throw refuseQuery(parsed.error.issues);
  return parsed.data;
}

export function dataHandlers({ credentials, level }: { credentials: Credentials; level: Level }): Handlers {
  const byName = async (query: Query, context: CredhubContext): Promise<TextReply> => {
    // In the order of the original: a name that is absent, kinds of the others, a name that is empty, both at once.
    if (query.name === undefined) throw new CredError('missing_query_parameter', { name: 'name' });
    const { name, versions, ...flags } = readQuery(byNameQuery, query);
    const current = flags.current === true;
    if (name === undefined || name === '') throw new CredError('missing_query_parameter', { name: 'name' });
    if (current && versions !== undefined) throw new CredError('cant_use_versions_and_current');
    context.trace.action = 'GET';
    context.trace.details = { current, name, versions: versions ?? null };
    const views = await credentials.getByName(context.caller(), { name, current, limit: versions });
    context.trace.resources = views.map(touched);
    return ok(dataJson(views, context.openReservation));
  };

  const find = (query: Query, context: CredhubContext): TextReply => {
    // docs/reference/divergences.md#names-find-ids: the original answers 500.
    if (query.path !== undefined && query['name-like'] !== undefined) {
      throw new CredError('invalid_query_parameter', { name: 'path' });
    }
    const { path, 'name-like': nameLike, 'expires-within-days': expiresWithinDays } = readQuery(findQuery, query);
    context.trace.action = 'FIND';
    context.trace.details = {
      expiresWithinDays: expiresWithinDays ?? null,
      nameLike: nameLike ?? null,
      path: path ?? null,
      paths: null,
    };
    return ok(foundTexts(credentials.find(context.caller(), { path, nameLike, expiresWithinDays })));
  };

  return {
    async getCredentialById({ params, context }) {
      context.trace.action = 'GET';
      context.trace.details = { uuid: params.id };
      const view = await credentials.getById(context.caller(), params.id);
      context.trace.resources = [touched(view)];
      return ok(credentialJson(view, context.openReservation));
    },

    async getCredentials({ query, context }) {
      if (query.path !== undefined || query['name-like'] !== undefined) return find(query, context);
      if (level.listsPaths && queryFlag.safeParse(query.paths).data === true) {
        context.trace.action = 'FIND';
        context.trace.details = { expiresWithinDays: null, nameLike: null, path: null, paths: true };
        return ok(pathsText(await credentials.paths(context.caller())));
      }
      return byName(query, context);
    },

    async setCredential({ body, context }) {
      context.trace.action = 'SET';
      context.trace.details = nameAndType(body);
      const view = await credentials.set(context.caller(), body);
      context.trace.resources = [touched(view)];
      return ok(credentialJson(view, context.openReservation));
    },

    async generateCredential({ body, context }) {
      context.trace.action = isRegenerate(body) ? 'REGENERATE' : 'GENERATE';
      context.trace.details = nameAndType(body);
      const view = await credentials.generate(context.caller(), body);
      context.trace.resources = [touched(view)];
      return ok(credentialJson(view, context.openReservation));
    },

    async deleteCredential({ query, context }) {
      context.trace.action = 'DELETE';
      context.trace.details = { name: query.name };
      await credentials.delete(context.caller(), query.name);
      context.trace.resources = [{ name: query.name, credentialId: null, versionId: null }];
      return { status: 204, json: null };
    },

    async regenerateCredential({ body, context }) {
      const view = await credentials.regenerate(context.caller(), body);
      context.trace.resources = [touched(view)];
      return ok(credentialJson(view, context.openReservation));
    },
  };
}
