/** Handles `/api/v1/data`: get, find, set, generate, delete (docs/reference/credhub-server.md#data-endpoints). */
import type { CredhubRoutes, TextReply, TreeHandlers } from '@credplex/contract';
import { CredError, type Credentials, type JsonNode, JsonObject } from '@credplex/core';
import { type CredhubContext, touched } from './context.ts';
import { credentialJson, dataJson, foundTexts, pathsJson } from './view.ts';

type DataRoute =
  | 'getCredentialById'
  | 'getCredentials'
  | 'setCredential'
  | 'generateCredential'
  | 'deleteCredential'
  | 'regenerateCredential';
type Handlers = Pick<TreeHandlers<CredhubRoutes, CredhubContext, JsonNode>, DataRoute>;
type Query = Parameters<Handlers['getCredentials']>[0]['query'];
type QueryOf<V> = Extract<Query, { readonly variant: V }>;

function ok(json: TextReply['json']): TextReply {
  return { status: 200, json };
}

/** Returns name and type, as CredHub logs them for set and generate. */
function nameAndType(body: JsonNode): Readonly<Record<string, unknown>> {
  const entries = body instanceof JsonObject ? body.entries : new Map<string, JsonNode>();
  const text = (key: string) => {
    const value = entries.get(key);
    return typeof value === 'string' ? value : null;
  };
  return { name: text('name'), type: text('type') };
}

function isRegenerate(body: JsonNode): boolean {
  return body instanceof JsonObject && body.entries.has('regenerate') && body.entries.get('regenerate') !== null;
}

export function dataHandlers({ credentials }: { credentials: Credentials }): Handlers {
  const byName = async (query: QueryOf<'byName'>, context: CredhubContext): Promise<TextReply> => {
    const { name, current = false, versions } = query;
    if (current && versions !== undefined) throw new CredError('cant_use_versions_and_current');
    context.trace.action = 'GET';
    context.trace.details = { current, name, versions: versions ?? null };
    const views = await credentials.getByName(context.caller(), { name, current, limit: versions });
    context.trace.resources = views.map(touched);
    return ok(dataJson(views, context.openReservation));
  };

  const find = (query: QueryOf<'find'>, context: CredhubContext): TextReply => {
    const { path, 'name-like': nameLike, 'expires-within-days': expiresWithinDays } = query;
    context.trace.action = 'FIND';
    context.trace.details = {
      expiresWithinDays: expiresWithinDays ?? null,
      nameLike: nameLike ?? null,
      path: path ?? null,
      paths: null,
    };
    return ok(foundTexts(credentials.find(context.caller(), { path, nameLike, expiresWithinDays })));
  };

  const paths = async (context: CredhubContext): Promise<TextReply> => {
    context.trace.action = 'FIND';
    context.trace.details = { expiresWithinDays: null, nameLike: null, path: null, paths: true };
    return ok(pathsJson(await credentials.paths(context.caller())));
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
      if (query.variant === 'find') return find(query, context);
      return query.variant === 'paths' ? paths(context) : byName(query, context);
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
