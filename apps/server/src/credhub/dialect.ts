/**
 * How CredHub's API reads requests: its checks before a handler, its query, its bodies
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
import type { ServerMode } from './service.ts';
import type { LargeRequests } from './threads/large-requests.ts';

/** Bytes of a body that holds a few short fields. */
const FORM_LIMIT = 64 * 1024;

/**
 * Peer and local address of the connection are one: the caller sits on this machine. Behind a proxy on this machine every
 * client looks like that, so what comes from a trusted one never counts as local.
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

/** What is wrong with the query, by the first issue; `undefined`: not percent-encoded UTF-8. */
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
  /** What answers over 256 KiB may take together. */
  readonly largeAnswers: BodyBudget;
  readonly jsonLimits: JsonLimits;
  /** Finds out who calls. @throws AuthRefused, CredError `unavailable` */
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
    // Fields of a form body count as query parameters, for DELETE too, as Spring's form filter has it.
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
