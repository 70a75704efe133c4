/** How Plexsphere's API reads requests and writes answers (docs/reference/plexsphere-v1.md#common-rules). */
import { CredError, PLEXSPHERE_ERROR_CODES, type PlexsphereErrorCode } from '@credplex/core';
import type { Context as HonoContext } from 'hono';
import type * as z from 'zod';
import type { Dialect, ZodReply } from '../mount.ts';
import { contextOf, type PlexsphereContext, type PlexsphereEnv } from './context.ts';

/** The limit for every JSON mutation, in bytes (docs/reference/plexsphere-v1.md#body-limit). */
const BODY_LIMIT = 8192;
/** Deeper values are refused in both APIs. */
const MAX_DEPTH = 500;

/** Request schemas name a problem code as their message where it is not `invalid_body`. */
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

/** A number too large for a double would come back as null. */
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
    // The parser's own message quotes the text, which may be a secret.
    throw error instanceof CredError ? error : invalidBody('it is not JSON');
  }
  if (isTooDeep(value)) throw invalidBody('it is nested too deeply');
  return value;
}

/**
 * Names the field, never its value; a field that the schema does not know is not named, for it may be anything. What a
 * schema asks for beyond the kind, it says itself.
 */
function describeIssue([issue]: readonly z.core.$ZodIssue[]): string {
  if (issue?.code === 'unrecognized_keys') return 'it has a field that is not known';
  const field = issue?.path[0];
  if (field === undefined) return 'it must be a JSON object';
  const wanted = issue?.code === 'custom' && issue.message !== 'Invalid input' ? issue.message : undefined;
  return `${String(field)} ${wanted ?? 'is missing or not valid'}`;
}

export function plexsphereDialect(options: {
  /** Answers are held against the route's schema; for tests. */
  readonly checkAnswers: boolean;
  /** Finds out who calls. @throws CredError `unauthenticated`, `unavailable` */
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
    // The order of refusals has no place for it: only session and id precede the relation
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
