/** What the server does beside requests. Each is safe on several replicas at once. */
import { type AccountRecords, type BrokerDeps, sweepCloudCredentials, sweepIntents } from '@credplex/core';
import { resealAll } from '@credplex/storage';
import type { Revocations } from '../auth/issuer/revocations.ts';
import type { SigningKeys } from '../auth/issuer/signing-keys.ts';
import type { Runtime } from '../runtime.ts';
import type { Job } from './background.ts';

/** Younger promises to the vault may belong to a write that is still going on. */
const STALE_INTENT_SECONDS = 600;
const SWEEP_BATCH = 100;
/** How long wrong logins are remembered at the longest; the throttle's own window is shorter. */
const THROTTLE_SECONDS = 86_400;

export interface JobDeps {
  readonly runtime: Runtime;
  readonly accounts: AccountRecords;
  readonly broker: BrokerDeps;
  /** Undefined with an outside UAA. */
  readonly issuer: { readonly keys: SigningKeys; readonly revocations: Revocations } | undefined;
}

export function backgroundJobs({ runtime, accounts, broker, issuer }: JobDeps): Job[] {
  const { storage, clock, entropy, logger } = runtime;
  const ago = (seconds: number): Date => new Date(clock.now().getTime() - seconds * 1000);
  const jobs: Job[] = [
    { name: 'key rotation', everySeconds: 300, run: keyRotation(runtime) },
    {
      name: 'vault sweep',
      everySeconds: 60,
      async run(signal) {
        let swept = 0;
        for (let last = SWEEP_BATCH; last === SWEEP_BATCH && !signal.aborted; swept += last) {
          last = await sweepIntents(storage, ago(STALE_INTENT_SECONDS), SWEEP_BATCH);
        }
        if (swept > 0) logger.info({ paths: swept }, 'left-over paths of the vault are destroyed');
      },
    },
    {
      name: 'cloud credential sweep',
      everySeconds: 60,
      async run() {
        const { expired, putOutOfUse } = await sweepCloudCredentials(broker, entropy.uuid());
        if (expired + putOutOfUse > 0) logger.info({ expired, putOutOfUse }, 'cloud credentials put out of use');
      },
    },
    {
      name: 'purge',
      everySeconds: 3_600,
      async run() {
        await accounts.purge(clock.now(), ago(THROTTLE_SECONDS));
        await broker.records.purgeTokens(clock.now());
      },
    },
  ];
  if (issuer !== undefined) {
    jobs.push({ name: 'signing keys', everySeconds: 600, run: () => issuer.keys.rotate() });
    jobs.push({ name: 'revocations', everySeconds: 2, run: () => issuer.revocations.refresh() });
  }
  return jobs;
}

/** Told when it begins to find something, every thousand values, and when it is done. */
function keyRotation({ storage, logger }: Runtime): Job['run'] {
  let told = '';
  return async (signal) => {
    let next = 1;
    const { resealed, unknownKey, failed } = await resealAll(storage, {
      signal,
      onProgress(progress) {
        if (progress.resealed < next) return;
        next = Math.floor(progress.resealed / 1000) * 1000 + 1000;
        logger.info({ table: progress.table, resealed: progress.resealed }, 'values are sealed under the active key');
      },
    });
    const left = `${unknownKey} ${failed}`;
    if (resealed > 0) logger.info({ resealed }, 'every value that can be opened is sealed under the active key');
    if (unknownKey + failed > 0 && left !== told) {
      logger.warn(
        { unknown_key: unknownKey, failed },
        'values stay as they are: their key is not configured, or they do not open',
      );
    }
    told = left;
  };
}
