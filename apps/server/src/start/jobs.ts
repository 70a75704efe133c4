/** What the server does beside requests. Each is safe on several replicas at once. Of several workers, one runs the sweeps. */
import {
  type AccountRecords,
  type BrokerDeps,
  type SweepReport,
  sweepExpired,
  sweepIntents,
  sweepVaultRevocations,
} from '@credplex/core';
import { repairAuthorities, resealAll } from '@credplex/storage';
import type { Revocations } from '../auth/issuer/revocations.ts';
import type { SigningKeys } from '../auth/issuer/signing-keys.ts';
import type { Runtime } from '../runtime.ts';
import { isSignedByOf } from '../signed-by.ts';
import type { TicketKeys } from '../ticket-keys.ts';
import type { Job } from './background.ts';
import { vaultTokenJob } from './vault-token.ts';

/** Younger promises to the vault may belong to a write that is still going on. */
const STALE_INTENT_SECONDS = 600;
const OUTBOX_BATCH = 1_000;
const DAY_SECONDS = 86_400;
/** How long wrong logins are remembered at the longest; the throttle's own window is shorter. */
const THROTTLE_SECONDS = 86_400;

export interface JobDeps {
  readonly runtime: Runtime;
  readonly accounts: AccountRecords;
  readonly broker: BrokerDeps;
  /** Undefined with an outside UAA. */
  readonly issuer: { readonly keys: SigningKeys; readonly revocations: Revocations } | undefined;
}

/** Returns the jobs of a process; `runsSweeps`: also those that one process of a server runs for all of its workers. */
export function backgroundJobs(deps: JobDeps, { runsSweeps } = { runsSweeps: true }): Job[] {
  return [...(runsSweeps ? sweeps(deps) : []), ...jobsOfProcess(deps)];
}

function sweeps({ runtime, accounts, broker }: JobDeps): Job[] {
  const { config, storage, clock, entropy, logger } = runtime;
  const ago = (seconds: number): Date => new Date(clock.now().getTime() - seconds * 1000);
  /** @throws the failure of a sweep that was interrupted: the next one waits as after any failed run */
  const report = (what: string, { done, failed, failure, interrupted }: SweepReport): void => {
    if (done > 0) logger.info({ what, done }, 'swept');
    if (interrupted) throw failure;
    if (failed > 0) logger.warn({ what, failed, err: failure }, 'rows could not be swept and are tried again later');
  };
  return [
    { name: 'key rotation', everySeconds: 300, run: keyRotation(runtime) },
    { name: 'certificate repair', everySeconds: 300, run: certificateRepair(runtime) },
    {
      name: 'vault sweep',
      everySeconds: 60,
      async run(signal) {
        const openedBefore = ago(STALE_INTENT_SECONDS);
        report('orphaned paths of the vault', await sweepIntents(storage, { openedBefore, at: clock.now(), signal }));
      },
    },
    {
      name: 'cloud credential expiry',
      everySeconds: 60,
      async run(signal) {
        report('expired cloud credentials', await sweepExpired(broker, { requestId: entropy.uuid(), signal }));
      },
    },
    {
      name: 'vault revocation',
      everySeconds: 60,
      async run(signal) {
        report('secrets to revoke in the vault', await sweepVaultRevocations(broker, { signal }));
      },
    },
    {
      name: 'outbox',
      everySeconds: 3_600,
      async run(signal) {
        const before = ago(config.outbox.keep_days * DAY_SECONDS);
        let pruned = 0;
        for (let last = OUTBOX_BATCH; last === OUTBOX_BATCH && !signal.aborted; pruned += last) {
          last = await storage.pruneOutbox({ before, limit: OUTBOX_BATCH });
        }
        if (pruned > 0) logger.info({ events: pruned }, 'events older than outbox.keep_days are deleted');
      },
    },
    {
      name: 'account purge',
      everySeconds: 3_600,
      run: () => accounts.purge(clock.now(), ago(THROTTLE_SECONDS)),
    },
    {
      name: 'token purge',
      everySeconds: 3_600,
      run: () => broker.records.purgeTokens(clock.now()),
    },
  ];
}

/** What each process keeps fresh in its memory. */
function jobsOfProcess({ runtime: { storage, logger }, issuer }: JobDeps): Job[] {
  const jobs: Job[] = storage.remoteVaults.flatMap((vault) => vaultTokenJob(vault, logger) ?? []);
  if (issuer !== undefined) {
    jobs.push({ name: 'signing keys', everySeconds: 600, run: () => issuer.keys.rotate() });
    // A token revoked elsewhere must be refused here within two seconds, also right after an outage.
    const everySeconds = 2;
    const run = () => issuer.revocations.refresh();
    jobs.push({ name: 'revocations', everySeconds, maxBackOffSeconds: everySeconds, run });
  }
  return jobs;
}

/** A failed run is not followed by a longer pause, since it also drops the key of the hour that ended. */
export function ticketKeyJob(keys: Pick<TicketKeys, 'refresh'>): Job {
  const everySeconds = 2;
  return { name: 'TLS session tickets', everySeconds, maxBackOffSeconds: everySeconds, run: () => keys.refresh() };
}

/** Servers of an earlier release may still run beside this one and write their kind of rows. */
function certificateRepair({ storage, pki, logger }: Runtime): Job['run'] {
  const isSignedBy = isSignedByOf(pki);
  return async (signal) => {
    const { repaired, unverified } = await repairAuthorities(storage.sql, isSignedBy, { signal });
    if (repaired + unverified > 0)
      logger.info({ repaired, unverified }, 'certificates of an earlier release are repaired');
  };
}

/** Logs when it finds the first value, after every thousand, and at the end. */
function keyRotation({ storage, logger }: Runtime): Job['run'] {
  let lastReported = '';
  return async (signal) => {
    let next = 1;
    const { resealed, unknownKey, failed, failure } = await resealAll(storage, {
      signal,
      onProgress(progress) {
        if (progress.resealed < next) return;
        next = Math.floor(progress.resealed / 1000) * 1000 + 1000;
        logger.info({ table: progress.table, resealed: progress.resealed }, 'values are sealed under the active key');
      },
    });
    const left = `${unknownKey} ${failed}`;
    if (resealed > 0) logger.info({ resealed }, 'every value that can be opened is sealed under the active key');
    if (unknownKey + failed > 0 && left !== lastReported) {
      logger.warn(
        { unknown_key: unknownKey, failed, err: failure },
        'values stay as they are: their key is not configured, they do not open, or the vault does not take them',
      );
    }
    lastReported = left;
  };
}
