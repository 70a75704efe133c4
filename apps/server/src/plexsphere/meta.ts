/** Handlers of health, readiness, version and OpenAPI document. */
import type { Handlers, PlexsphereRoutes } from '@credplex/contract';
import type { PlexsphereContext } from './context.ts';

type MetaRoutes = Pick<
  PlexsphereRoutes,
  'getPlexsphereHealth' | 'getPlexsphereVersion' | 'getPlexsphereOpenApi' | 'getReadiness'
>;

/** A dependency of the server. When an `essential` one fails, no operation works; otherwise only some fail. */
interface HealthCheck {
  readonly name: string;
  readonly essential: boolean;
  /** Rejects when the dependency does not work. */
  readonly run: () => Promise<void>;
}

export interface MetaDeps {
  readonly checks: readonly HealthCheck[];
  /** Timeouts of checks in milliseconds; see {@link DEFAULT_TIMEOUTS_MS}. */
  readonly timeoutMs?: typeof DEFAULT_TIMEOUTS_MS;
  /** Clients parse `date` as RFC 3339 (docs/reference/plexsphere-v1.md#health). */
  readonly version: { readonly version: string; readonly commit: string; readonly date: string };
  readonly document: () => Readonly<Record<string, unknown>>;
}

/** By default a Kubernetes probe times out after a second and then counts as failed. */
const DEFAULT_TIMEOUTS_MS = { readiness: 800, health: 2500 };

/** Runs a check; rejects when it fails or times out. */
async function runWithin({ run }: HealthCheck, ms: number): Promise<void> {
  const running = run();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('late')), ms);
  await Promise.race([running, late]).finally(() => clearTimeout(timer));
}

async function runChecks(checks: readonly HealthCheck[], ms: number) {
  const results = await Promise.allSettled(checks.map((check) => runWithin(check, ms)));
  const failed = checks.filter((_, index) => results[index]?.status === 'rejected');
  const status = failed.some(({ essential }) => essential) ? 'down' : failed.length > 0 ? 'degraded' : 'ok';
  return {
    status,
    // The cause is logged by the failing operation and not shown to clients.
    checks: checks.map((check) =>
      failed.includes(check)
        ? { name: check.name, status: 'down' as const, detail: 'does not answer' }
        : { name: check.name, status: 'ok' as const, detail: 'answers' },
    ),
  } as const;
}

export function metaHandlers({
  checks,
  timeoutMs = DEFAULT_TIMEOUTS_MS,
  version,
  document,
}: MetaDeps): Handlers<MetaRoutes, PlexsphereContext> {
  let wasReady = false;
  return {
    getPlexsphereHealth: async () => {
      const body = await runChecks(checks, timeoutMs.health);
      return { status: body.status === 'down' ? 503 : 200, body };
    },
    getPlexsphereVersion: async () => ({ status: 200, body: version }),
    getPlexsphereOpenApi: async () => ({ status: 200, body: document() }),
    // A dependency that fails later does not remove every replica (docs/reference/plexsphere-v1.md#health).
    getReadiness: async () => {
      const body = await runChecks(checks, timeoutMs.readiness);
      wasReady ||= body.status !== 'down';
      if (!wasReady) return { status: 503, body };
      return { status: 200, body: body.status === 'down' ? { ...body, status: 'degraded' } : body };
    },
  };
}
