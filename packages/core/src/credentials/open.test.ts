import { expect, test } from 'vitest';
import type { VersionRow } from '../ports/records.ts';
import type { SecretVault } from '../ports/vault.ts';
import { secret } from '../secret.ts';
import { openViews } from './open.ts';

const ROWS = 5_000;

test('of five thousand versions a few are opened per turn of the event loop, in order', async () => {
  const row = (n: number): VersionRow => ({
    id: String(n),
    credentialId: 'credential',
    name: '/name',
    type: 'value',
    seq: n,
    createdAt: new Date(0),
    metadata: null,
    parameters: null,
    username: null,
    publicKey: null,
    certificate: null,
    sealed: { keyId: 'key', format: 1, bytes: new Uint8Array() },
  });
  const vault: Pick<SecretVault, 'open'> = { open: async ({ id }) => ({ value: secret(id) }) };
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  count();
  const views = await openViews(
    { vault: vault as SecretVault, certificates: { concatenateCas: false } },
    Array.from({ length: ROWS }, (_, n) => row(n)),
  );
  isDone = true;
  expect(views.map(({ id }) => Number(id))).toEqual(Array.from({ length: ROWS }, (_, n) => n));
  expect(turns).toBeGreaterThan(ROWS / 100);
});
