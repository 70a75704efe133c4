/** Handlers that tell about the server itself. */
import type { Handlers, PlexsphereRoutes } from '@credplex/contract';
import type { PlexsphereContext } from './context.ts';

type MetaRoutes = Pick<
  PlexsphereRoutes,
  'getPlexsphereHealth' | 'getPlexsphereVersion' | 'getPlexsphereOpenApi' | 'getReadiness'
>;

/** Something the server needs. `essential`: without it nothing works, else only some operations do not. */
interface HealthCheck {
  readonly name: string;
  readonly essential: boolean;
  /** Rejects when it does not work. */
  readonly run: () => Promise<void>;
}

export interface MetaDeps {
  readonly checks: readonly HealthCheck[];
  readonly version: { readonly version: string; readonly commit: string; readonly date: string };
  readonly document: () => Readonly<Record<string, unknown>>;
}

/** Clients parse `date` as RFC 3339 (contract.md E). An installed package knows its release, not its commit. */
export const releaseOf = (version: string): MetaDeps['version'] => ({
  version,
  commit: 'unknown',
  date: '2026-11-22T00:00:00.000Z',
});

const look = async (checks: readonly HealthCheck[]) => {
  const results = await Promise.allSettled(checks.map((check) => check.run()));
  const failed = checks.filter((_, index) => results[index]?.status === 'rejected');
  const status = failed.some(({ essential }) => essential) ? 'down' : failed.length > 0 ? 'degraded' : 'ok';
  return {
    status,
    // The cause is for the log of the operation that meets it, not for everybody.
    checks: checks.map((check) =>
      failed.includes(check)
        ? { name: check.name, status: 'down' as const, detail: 'does not answer' }
        : { name: check.name, status: 'ok' as const, detail: 'answers' },
    ),
  } as const;
};

export const metaHandlers = ({ checks, version, document }: MetaDeps): Handlers<MetaRoutes, PlexsphereContext> => {
  let wasReady = false;
  return {
    getPlexsphereHealth: async () => {
      const body = await look(checks);
      return { status: body.status === 'down' ? 503 : 200, body };
    },
    getPlexsphereVersion: async () => ({ status: 200, body: version }),
    getPlexsphereOpenApi: async () => ({ status: 200, body: document() }),
    // contract.md B11: a dependency that goes away later does not pull every replica at once.
    getReadiness: async () => {
      const body = await look(checks);
      wasReady ||= body.status !== 'down';
      if (!wasReady) return { status: 503, body };
      return { status: 200, body: body.status === 'down' ? { ...body, status: 'degraded' } : body };
    },
  };
};
