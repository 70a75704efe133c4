import { randomUUID } from 'node:crypto';
import { type SecretRef, type SecretVault, secret } from '@credplex/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export interface VaultUnderTest {
  readonly vault: SecretVault;
  close(): Promise<void>;
}

function revealed(document: Awaited<ReturnType<SecretVault['open']>>): Record<string, string> {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, value.reveal()]));
}

/** Conformance suite of SecretVault. `open` is called once; ids are random. */
export function vaultConformance(name: string, open: () => Promise<VaultUnderTest>): void {
  describe(`vault ${name}`, () => {
    let subject: VaultUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    const newRef = (): SecretRef => {
      const id = randomUUID();
      return { purpose: 'credhub', id, path: `credhub/${id}` };
    };
    const errorCodeOf = async (action: () => unknown): Promise<string> => {
      try {
        await action();
        return 'not refused';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };

    test('every document opens as it was sealed', async () => {
      const text = fc.string({ unit: 'grapheme', maxLength: 40 });
      const documents = fc.dictionary(fc.stringMatching(/^[a-z_]{1,10}$/), fc.oneof(text, fc.constant('\0 and "\\')), {
        minKeys: 1,
        maxKeys: 4,
        noNullPrototype: true,
      });
      await fc.assert(
        fc.asyncProperty(documents, async (document) => {
          const ref = newRef();
          const sealed = await subject.vault.seal(
            ref,
            Object.fromEntries(Object.entries(document).map(([key, value]) => [key, secret(value)])),
          );
          expect(revealed(await subject.vault.open(ref, sealed))).toEqual(document);
        }),
        { numRuns: 30 },
      );
    });

    test('a large value opens as it was sealed', async () => {
      const ref = newRef();
      const value = 'x'.repeat(1_000_000);
      const sealed = await subject.vault.seal(ref, { value: secret(value) });
      expect(revealed(await subject.vault.open(ref, sealed))).toEqual({ value });
    });

    test('sealed bytes carry the active key id and no plaintext', async () => {
      const ref = newRef();
      const sealed = await subject.vault.seal(ref, { value: secret('canary-value') });
      expect(sealed.keyId).toBe(subject.vault.activeKeyId());
      expect(subject.vault.knownKeyIds()).toContain(sealed.keyId);
      expect(Buffer.from(sealed.bytes).includes('canary-value')).toBe(false);
    });

    test('sealed bytes open only in their own row and only unchanged', async () => {
      const ref = newRef();
      const other = newRef();
      const sealed = await subject.vault.seal(ref, { value: secret('v') });
      await subject.vault.seal(other, { value: secret('w') });
      expect(await errorCodeOf(() => subject.vault.open(other, sealed))).toBe('vault_corrupt');
      expect(await errorCodeOf(() => subject.vault.open(ref, { ...sealed, format: 77 }))).toBe('vault_corrupt');
      expect(await errorCodeOf(() => subject.vault.open(ref, { ...sealed, bytes: sealed.bytes.subarray(1) }))).toBe(
        'vault_corrupt',
      );
      expect(await errorCodeOf(() => subject.vault.open(ref, { ...sealed, keyId: 'unknown' }))).toBe(
        'encryption_key_missing',
      );
    });

    test('a path is never written twice', async () => {
      const ref = newRef();
      const first = await subject.vault.seal(ref, { value: secret('first') });
      const second = await errorCodeOf(() => subject.vault.seal(ref, { value: secret('second') }));
      expect(second).toBe(subject.vault.remote ? 'vault_conflict' : 'not refused');
      expect(revealed(await subject.vault.open(ref, first))).toEqual({ value: 'first' });
    });

    test('revoke and destroy are idempotent, also for a value that does not exist', async () => {
      const ref = newRef();
      const sealed = await subject.vault.seal(ref, { value: secret('v') });
      await subject.vault.revoke(ref, sealed);
      await subject.vault.revoke(ref, sealed);
      if (subject.vault.remote)
        expect(await errorCodeOf(() => subject.vault.open(ref, sealed))).toBe('vault_value_missing');
      await subject.vault.destroy(ref, sealed.keyId);
      await subject.vault.destroy(ref, sealed.keyId);
      await subject.vault.destroy(newRef(), sealed.keyId);
    });

    test('open, revoke and destroy refuse a value of another vault', async () => {
      const ref = newRef();
      const sealed = await subject.vault.seal(ref, { value: secret('v') });
      for (const keyId of ['unknown', 'openbao:other/place']) {
        for (const action of [
          () => subject.vault.open(ref, { ...sealed, keyId }),
          () => subject.vault.revoke(ref, { ...sealed, keyId }),
          () => subject.vault.destroy(ref, keyId),
        ]) {
          expect(await errorCodeOf(action)).toBe('encryption_key_missing');
        }
      }
      expect(revealed(await subject.vault.open(ref, sealed))).toEqual({ value: 'v' });
    });

    test('destroy without a key id, as in intents of an earlier release, uses the remote vault or is refused', async () => {
      const ref = newRef();
      const sealed = await subject.vault.seal(ref, { value: secret('v') });
      const outcome = await errorCodeOf(() => subject.vault.destroy(ref, undefined));
      expect(outcome).toBe(subject.vault.remote ? 'not refused' : 'encryption_key_missing');
      if (subject.vault.remote)
        expect(await errorCodeOf(() => subject.vault.open(ref, sealed))).toBe('vault_value_missing');
    });

    test('sixteen concurrent documents are sealed and opened', async () => {
      const texts = await Promise.all(
        Array.from({ length: 16 }, async (_, index) => {
          const ref = newRef();
          return revealed(
            await subject.vault.open(ref, await subject.vault.seal(ref, { value: secret(String(index)) })),
          );
        }),
      );
      expect(texts.map((document) => Number(document.value))).toEqual(Array.from({ length: 16 }, (_, index) => index));
    });

    test('the check of an available vault succeeds', async () => {
      await subject.vault.check();
    });
  });
}
