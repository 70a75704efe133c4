import { randomUUID } from 'node:crypto';
import type {
  CertificateWrite,
  CredentialRecords,
  SignedRow,
  SignerState,
  VersionRow,
  WriteRequest,
} from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { anyone, audit, certificate, write } from './fixtures.ts';

interface Fixture {
  readonly credentials: CredentialRecords;
  readonly root: string;
}

type Columns = NonNullable<Parameters<typeof certificate>[0]>;

/** Conformance of copies: a change of a CA and the copies of the certificates that it signed are stored together. */
export function certificateCopies(fixture: () => Fixture): void {
  const put = async (name: string, columns: Columns): Promise<VersionRow> => {
    const version = certificate(columns);
    const result = await fixture().credentials.write(write(name, { type: 'certificate', version }));
    if (result.outcome !== 'written') throw new Error(result.outcome);
    return result.row;
  };
  const createCaAndLeaf = async () => {
    const folder = `${fixture().root}/copies-${randomUUID()}`;
    const ca = await put(`${folder}/CA`, { caName: `${folder}/CA`, selfSigned: true });
    const leaf = await put(`${folder}/leaf`, { caName: `${folder}/ca`, ca: 'CA', trustedCa: null });
    return { folder, ca, leaf };
  };
  const copyOf = (row: SignedRow, movesMark: boolean): CertificateWrite => ({
    credentialId: row.credentialId,
    expectSeq: row.nameSeq,
    version: certificate({ ...row.certificate, trustedCa: 'TRUSTED' }),
    copyOf: { versionId: row.id, movesMark },
  });
  const statesOf = async (name: string) =>
    (await fixture().credentials.readByName({ access: anyone, name, current: false })).map(
      ({ certificate: columns }) => (columns?.transitional ? 'transitional' : 'active'),
    );

  describe('copies of certificates', () => {
    test('children are the names whose active version has the CA as its signer, with their transitional versions', async () => {
      const { folder, leaf } = await createCaAndLeaf();
      const next = await put(`${folder}/leaf`, { caName: `${folder}/ca`, transitional: true });
      const only = await put(`${folder}/only`, { caName: `${folder}/CA`, transitional: true });
      await put(`${folder}/left`, { caName: `${folder}/CA` });
      await put(`${folder}/left`, { caName: '/another' });
      await put(`${folder}/comes`, { caName: '/another' });
      await put(`${folder}/comes`, { caName: `${folder}/CA`, transitional: true });
      const rows = await fixture().credentials.childrenOf({ caName: `${folder}/CA` });
      expect(rows.map(({ id }) => id)).toEqual([leaf.id, next.id, only.id]);
      expect(rows.map(({ nameSeq }) => nameSeq)).toEqual([2, 2, 1]);
    });

    test('signedBy uses the newest version of a name, transitional or not', async () => {
      const { folder } = await createCaAndLeaf();
      const next = await put(`${folder}/leaf`, { caName: '/another', transitional: true });
      const rows = await fixture().credentials.signedBy({ caName: `${folder}/CA` });
      expect(rows.map(({ id }) => id)).toEqual([next.id]);
    });

    test('the transitional mark moves to the copy of the transitional version', async () => {
      const { folder, leaf } = await createCaAndLeaf();
      await put(`${folder}/leaf`, { caName: `${folder}/ca`, transitional: true });
      const rows = await fixture().credentials.childrenOf({ caName: `${folder}/CA` });
      const writes = rows.map((row) => copyOf(row, row.certificate?.transitional ?? false));
      const change = { access: anyone, needWrite: [], writes, audit: [] };
      expect(await fixture().credentials.changeCertificates(change)).toMatchObject({ outcome: 'written' });
      expect(await statesOf(leaf.name)).toEqual(['transitional', 'active', 'active', 'active']);
      const current = await fixture().credentials.readByName({ access: anyone, name: leaf.name, current: true });
      expect(current.map(({ id }) => id)).toEqual(writes.map(({ version }) => version.id));
      expect(current.map(({ certificate: columns }) => columns?.trustedCa)).toEqual(['TRUSTED', 'TRUSTED']);
      // The counters of the names have changed, so the same change conflicts now.
      expect(await fixture().credentials.changeCertificates(change)).toEqual({ outcome: 'changed' });
    });

    test('a certificate is stored only while its CA is as it was when it signed', async () => {
      const { folder, ca, leaf } = await createCaAndLeaf();
      const signer = { credentialId: ca.credentialId, activeId: ca.id, transitionalId: null };
      const store = async (state: SignerState, expectation: Partial<WriteRequest>) => {
        const version = certificate({ caName: `${folder}/CA` });
        const request = write(`${folder}/leaf`, { type: 'certificate', version, signer: state, ...expectation });
        return (await fixture().credentials.write(request)).outcome;
      };
      const change = async (state: SignerState) => {
        const rows = await fixture().credentials.childrenOf({ caName: ca.name });
        const row = rows.find(({ credentialId }) => credentialId === leaf.credentialId);
        const version = certificate({ caName: ca.name });
        const writes = [{ credentialId: leaf.credentialId, expectSeq: row?.nameSeq ?? 0, version }];
        const request = { access: anyone, needWrite: [], signers: [state], writes, audit: [] };
        return (await fixture().credentials.changeCertificates(request)).outcome;
      };
      const known = { expect: { credentialId: leaf.credentialId, seq: null } };
      expect(await store(signer, known)).toBe('written');
      expect(await store(signer, { expect: 'absent', name: `${folder}/first` })).toBe('written');
      expect(await change(signer)).toBe('written');
      const next = await put(`${folder}/CA`, { caName: `${folder}/CA`, transitional: true });
      for (const expectation of [known, { expect: 'absent', name: `${folder}/second` }] as const) {
        expect(await store(signer, expectation)).toBe('changed');
        expect(await store({ ...signer, credentialId: randomUUID() }, expectation)).toBe('changed');
      }
      expect(await change(signer)).toBe('changed');
      expect(await store({ ...signer, transitionalId: next.id }, known)).toBe('written');
      expect(await change({ ...signer, transitionalId: next.id })).toBe('written');
    });

    test('a change of a CA requires a copy of every version that it has signed by then', async () => {
      const { folder, ca } = await createCaAndLeaf();
      const rows = await fixture().credentials.childrenOf({ caName: ca.name });
      await put(`${folder}/newer`, { caName: `${folder}/ca` });
      const own = { credentialId: ca.credentialId, expectSeq: 1, version: certificate({ transitional: true }) };
      const change = (children: readonly SignedRow[]) =>
        fixture().credentials.changeCertificates({
          access: anyone,
          needWrite: [],
          copiesChildrenOf: ca.name,
          writes: [own, ...children.map((row) => copyOf(row, false))],
          audit: [],
        });
      expect(await change(rows)).toEqual({ outcome: 'changed' });
      expect(await statesOf(ca.name)).toEqual(['active']);
      expect(await change(await fixture().credentials.childrenOf({ caName: ca.name }))).toMatchObject({
        outcome: 'written',
      });
      const remove = (children: readonly SignedRow[]) =>
        fixture().credentials.deleteCertificateVersion({
          access: anyone,
          credentialId: ca.credentialId,
          versionId: own.version.id,
          expectSeq: 2,
          copiesChildrenOf: ca.name,
          writes: children.map((row) => copyOf(row, false)),
          audit: [],
        });
      const listed = await fixture().credentials.childrenOf({ caName: ca.name });
      await put(`${folder}/newest`, { caName: `${folder}/ca` });
      expect(await remove(listed)).toEqual({ outcome: 'changed' });
      expect(await remove(await fixture().credentials.childrenOf({ caName: ca.name }))).toMatchObject({
        outcome: 'deleted',
      });
    });

    test('a version is deleted together with the insertion of its child copies, or not at all', async () => {
      const { folder, ca, leaf } = await createCaAndLeaf();
      const next = await put(`${folder}/CA`, { transitional: true });
      const rows = await fixture().credentials.childrenOf({ caName: ca.name });
      const writes = rows.map((row) => copyOf(row, false));
      const remove = (copies: readonly CertificateWrite[]) =>
        fixture().credentials.deleteCertificateVersion({
          access: anyone,
          credentialId: ca.credentialId,
          versionId: next.id,
          expectSeq: 2,
          writes: copies,
          audit: [audit('DELETE')],
        });
      expect(await remove(writes.map((one) => ({ ...one, expectSeq: 9 })))).toEqual({ outcome: 'changed' });
      expect(await statesOf(ca.name)).toEqual(['transitional', 'active']);
      expect(await statesOf(leaf.name)).toEqual(['active']);
      expect(await remove(writes)).toEqual({ outcome: 'deleted', row: next });
      expect(await statesOf(ca.name)).toEqual(['active']);
      expect(await statesOf(leaf.name)).toEqual(['active', 'active']);
    });
  });
}
