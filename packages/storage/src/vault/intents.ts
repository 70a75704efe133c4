/**
 * Promises made before a remote vault is written (core's Intents port). A sweep first marks what it takes: a write whose
 * promise is marked or gone does not happen, so that no row can appear for a path that is being destroyed.
 */
import { randomUUID } from 'node:crypto';
import type { Intents } from '@credplex/core';
import type { Database, Transaction } from '../postgres/database.ts';
import { nextAttempt } from '../postgres/next-attempt.ts';
import { isRemoteKey } from './key-ids.ts';

interface IntentRecord {
  readonly id: string;
  readonly path: string;
  readonly purpose: string;
  readonly ref: string;
  readonly key_id: string | null;
}

export function createIntents(db: Database): Intents {
  return {
    async open(path, { purpose, id, keyId }) {
      const intent = randomUUID();
      await db.write('insert into intent (id, path, purpose, ref, key_id) values ($1, $2, $3, $4, $5)', [
        intent,
        path,
        purpose,
        id,
        keyId,
      ]);
      return intent;
    },
    async close(intent) {
      await db.write('delete from intent where id = $1', [intent]);
    },
    async claimStale({ openedBefore, at, limit }) {
      const rows = await db.write<IntentRecord>(
        `update intent set sweeping = true, attempts = attempts + 1, next_attempt_at = ${nextAttempt('$2::timestamptz', 'attempts')}
         where id in (
           select id from intent where (opened_at < $1 or sweeping) and next_attempt_at <= $2
           order by opened_at limit $3 for update skip locked)
         returning id, path, purpose, ref, key_id`,
        [openedBefore, at, limit],
      );
      return rows.map(({ id, path, purpose, ref, key_id }) => ({
        intent: id,
        path,
        purpose,
        id: ref,
        keyId: key_id ?? undefined,
      }));
    },
  };
}

/** In the transaction that removes rows of versions: their documents in a remote vault now await destruction. */
export async function dropIntents(
  tx: Transaction,
  versions: readonly { readonly id: string; readonly keyId: string }[],
): Promise<void> {
  for (const { id, keyId } of versions) {
    if (isRemoteKey(keyId)) await dropIntent(tx, { purpose: 'credhub', id, path: `credhub/${id}`, keyId });
  }
}

/** The same for any family: `path` as in the SecretRef. Marked at once, as nothing can be written under it any more. */
async function dropIntent(
  tx: Transaction,
  ref: { purpose: string; id: string; path: string; keyId: string },
): Promise<void> {
  await tx.run('insert into intent (id, path, purpose, ref, key_id, sweeping) values ($1, $2, $3, $4, $5, true)', [
    randomUUID(),
    ref.path,
    ref.purpose,
    ref.id,
    ref.keyId,
  ]);
}
