/**
 * The dialect of CredHub's API: the checks before a handler, query and body
 * (docs/reference/credhub-server.md#json, docs/reference/credhub-server.md#http).
 */
import type { RouteSpec, TextReply } from '@credplex/contract';
import { CredError, type JsonLimits } from '@credplex/core';
import type { Context as HonoContext } from 'hono';
import type * as z from 'zod';
import { readBody } from '../body.ts';
import type { BodyBudget } from '../body-budget.ts';
import { plainAddress } from '../client-address.ts';
import { headerOf } from '../http-env.ts';
import type { Dialect } from '../mount.ts';
import type { Answers } from './answer.ts';
import { acceptsJson, parseBody, parseMediaType } from './content.ts';
import { type CredhubContext, type CredhubEnv, callerOf } from './context.ts';
import type { ServerMode } from './server-mode.ts';
import type { LargeRequests } from './threads/large-requests.ts';

/** Size limit in bytes of a body with a few short fields. */
const FORM_LIMIT = 64 * 1024;

/**
 * Returns whether the caller is on this machine: peer and local address of the connection are equal. Requests through a trusted
 * proxy never count as local, because a proxy on this machine makes every client look local.
 */
function isLocal(c: HonoContext<CredhubEnv>): boolean {
  const { incoming, request } = c.env;
  const { remoteAddress, localAddress } = incoming?.socket ?? {};
  if (request.client.viaProxy || remoteAddress === undefined || localAddress === undefined) return false;
  return plainAddress(remoteAddress) === plainAddress(localAddress);
}

function isForm(contentType: string | undefined): boolean {
  const media = contentType === undefined ? undefined : parseMediaType(contentType);
  return media?.type === 'application' && media.subtype === 'x-www-form-urlencoded';
}

/** Returns the error of the first issue; `undefined` means that the query is not percent-encoded UTF-8. */
function refuseQuery(issues: readonly z.core.$ZodIssue[] | undefined): CredError {
  const issue = issues?.[0];
  if (issue === undefined) return new CredError('bad_request');
  const missing = issue.code === 'invalid_type' || issue.code === 'too_small';
  const name = String(issue.path[0] ?? '');
  return new CredError(missing ? 'missing_query_parameter' : 'invalid_query_parameter', { name });
}

function refuseReadOnly(mode: ServerMode, c: HonoContext<CredhubEnv>, spec: RouteSpec): void {
  if (mode.readOnly && c.req.method !== 'GET' && spec.path !== '/management') throw new CredError('read_only_mode');
}

export function credhubDialect(deps: {
  readonly answers: Answers;
  readonly mode: ServerMode;
  readonly bodyLimit: number;
  readonly bodies: BodyBudget;
  /** Memory budget of responses over 256 KiB. */
  readonly largeAnswers: BodyBudget;
  readonly jsonLimits: JsonLimits;
  /** Authenticates the caller. @throws AuthRefused, CredError `unavailable` */
  readonly admit: (c: HonoContext<CredhubEnv>) => void | Promise<void>;
  readonly largeRequests: LargeRequests;
}): Dialect<CredhubContext, CredhubEnv, TextReply> {
  return {
    before(c, spec) {
      c.set('routeId', spec.id);
      if (!acceptsJson(headerOf(c, 'accept'))) throw new CredError('not_acceptable');
      refuseReadOnly(deps.mode, c, spec);
    },
    async recheckAdmission(c, spec) {
      await deps.admit(c);
      refuseReadOnly(deps.mode, c, spec);
    },
    context: (c) => ({
      trace: c.get('trace'),
      local: () => isLocal(c),
      caller: () => callerOf(c.get('principal'), c.env.request.id),
      openReservation: deps.largeAnswers.open,
    }),
    // Like Spring's form filter, treats fields of a form body of DELETE as query parameters.
    moreQuery(c, spec) {
      if (spec.method !== 'DELETE' || !isForm(headerOf(c, 'content-type'))) return undefined;
      return readBody(c.req.raw, c.env, Math.min(deps.bodyLimit, FORM_LIMIT)).then((bytes) =>
        new TextDecoder().decode(bytes),
      );
    },
    refuseParams: () => new CredError('credential_not_found'),
    refuseQuery: (_, issues) => refuseQuery(issues),
    readsEveryQuery: true,
    bodyLimit: (spec) => (spec.id === 'setManagement' ? Math.min(deps.bodyLimit, FORM_LIMIT) : deps.bodyLimit),
    handleLarge: deps.largeRequests.handle,
    bodies: deps.bodies,
    parseBody: (spec, bytes, contentType) =>
      parseBody(bytes, contentType, {
        optional: spec.bodyOptional === true,
        limits: deps.jsonLimits,
        reading: spec.bodyReading,
      }),
    answer: (c, spec, reply) => deps.answers.reply(spec, reply, c.env.outgoing),
  };
}
