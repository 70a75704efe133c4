/** The dialect of Plexsphere's API: how it parses requests and renders responses (docs/reference/plexsphere-v1.md#common-rules). */
import { CredError, PLEXSPHERE_ERROR_CODES, type PlexsphereErrorCode } from '@credplex/core';
import type { Context as HonoContext } from 'hono';
import type * as z from 'zod';
import type { Dialect, ZodReply } from '../mount.ts';
import { contextOf, type PlexsphereContext, type PlexsphereEnv } from './context.ts';

/** The limit for every JSON mutation, in bytes (docs/reference/plexsphere-v1.md#body-limit). */
const BODY_LIMIT = 8192;
/** Maximum nesting, the same in both APIs. */
const MAX_DEPTH = 500;

/** A request schema has a problem code as its message when it is not `invalid_body`. */
function codeOf(issues: readonly z.core.$ZodIssue[] | undefined): PlexsphereErrorCode {
  return PLEXSPHERE_ERROR_CODES.find((code) => code === issues?.[0]?.message) ?? 'invalid_body';
}

function isJsonType(contentType: string): boolean {
  return /^application\/(?:[\w.!#$&^+-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?(?:;.*)?$/i.test(
    contentType.trim(),
  );
}

function invalidBody(why: string): CredError {
  return new CredError('invalid_body', { why });
}

function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

/** Refuses numbers that exceed a double, because they would be stored as null. */
function requireFinite(_: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalidBody('a number is too large');
  return value;
}

function parseJsonBody(bytes: Uint8Array, contentType: string | undefined): unknown {
  if (contentType !== undefined && !isJsonType(contentType))
    throw invalidBody('its Content-Type must be application/json');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), requireFinite);
  } catch (error) {
    // The message of the parser quotes the body, which may contain a secret.
    throw error instanceof CredError ? error : invalidBody('it is not JSON');
  }
  if (isTooDeep(value)) throw invalidBody('it is nested too deeply');
  return value;
}

/**
 * Describes an issue by the name of its field, never by its value. Unknown fields are not named, because they may be anything.
 * Custom rules of a schema have their own message.
 */
function describeIssue([issue]: readonly z.core.$ZodIssue[]): string {
  if (issue?.code === 'unrecognized_keys') return 'it has a field that is not known';
  const field = issue?.path[0];
  if (field === undefined) return 'it must be a JSON object';
  const wanted = issue?.code === 'custom' && issue.message !== 'Invalid input' ? issue.message : undefined;
  return `${String(field)} ${wanted ?? 'is missing or not valid'}`;
}

export function plexsphereDialect(options: {
  /** For tests: checks responses against the schema of the route. */
  readonly checkAnswers: boolean;
  /** Authenticates the caller. @throws CredError `unauthenticated`, `unavailable` */
  readonly admit: (c: HonoContext<PlexsphereEnv>) => Promise<void>;
}): Dialect<PlexsphereContext, PlexsphereEnv, ZodReply> {
  return {
    async recheckAdmission(c, spec) {
      if (spec.auth === 'session') await options.admit(c);
    },
    context: contextOf,
    refuseParams: (_, issues) => new CredError(codeOf(issues)),
    refuseQuery: (_, issues) => {
      const code = codeOf(issues);
      return new CredError(code === 'invalid_body' ? 'invalid_cursor' : code);
    },
    // The order of refusals does not include a malformed query: only session and id precede the relation
    // (docs/reference/plexsphere-v1.md#order-of-refusals).
    readsEveryQuery: false,
    bodyLimit: () => BODY_LIMIT,
    parseBody: (spec, bytes, contentType) => {
      const parsed = spec.body?.safeParse(parseJsonBody(bytes, contentType));
      if (parsed?.success === false) throw invalidBody(describeIssue(parsed.error.issues));
      return parsed?.data;
    },
    answer: (_, spec, { status, body, headers = {} }) => {
      const schema = spec.responses[status];
      if (options.checkAnswers && schema) schema.parse(body);
      if (body === undefined) return new Response(null, { status, headers });
      return new Response(JSON.stringify(body), {
        status,
        headers: { 'content-type': 'application/json', ...headers },
      });
    },
  };
}
