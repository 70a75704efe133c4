/** The context of handlers of Plexsphere's API. */
import { type Caller, CredError } from '@credplex/core';
import type { Context as HonoContext } from 'hono';
import type { ServerEnv } from '../http-env.ts';

interface PlexsphereVariables {
  /** `user:<uuid>` or `service:<uuid>`; undefined on open routes. */
  actor: string | undefined;
}

export type PlexsphereEnv = ServerEnv<PlexsphereVariables>;

export interface PlexsphereContext {
  readonly requestId: string;
  /** Returns the caller. @throws CredError `unauthenticated` on open routes, which do not authenticate */
  caller(): Caller;
}

export function contextOf(c: HonoContext<PlexsphereEnv>): PlexsphereContext {
  return {
    requestId: c.env.request.id,
    caller: () => {
      const actor = c.get('actor');
      if (actor === undefined) throw new CredError('unauthenticated');
      return { actor, requestId: c.env.request.id };
    },
  };
}
