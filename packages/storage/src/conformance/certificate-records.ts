import { randomUUID } from 'node:crypto';
import type { VersionRow } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { ALL_OPERATIONS as all, anyone, as, audit, certificate, type RecordsFixture } from './fixtures.ts';

/** Conformance of certificates, and of the views that writes are decided on. */
export function certificateRecords(fixture: RecordsFixture): void {
  describe('views', () => {
    test('contain the operations of the actor, the credential with its counter, and the signer', async () => {
      const actor = `${fixture.root()}:viewer`;
      const ca = await fixture.put('/v/ca', {
        type: 'certificate',
        version: certificate({ certificateAuthority: true }),
      });
      const next = await fixture.put('/v/ca', { type: 'certificate', version: certificate({ transitional: true }) });
      const leaf = await fixture.put('/v/leaf', {
        type: 'certificate',
        version: certificate({ caName: `${fixture.root()}/v/ca` }),
      });
      await fixture.grant(actor, `${fixture.root()}/v/*`, ['write']);
      const view = await fixture
        .records()
        .credentials.viewForWrite({ access: as(actor), name: `${fixture.root()}/v/leaf`, signer: 'stored' });
      expect(view).toEqual({
        held: new Set(['write']),
        credential: { id: leaf.credentialId, name: `${fixture.root()}/v/leaf`, type: 'certificate', seq: 1 },
        active: leaf,
        transitional: undefined,
        signer: {
          readable: false,
          credentialId: ca.credentialId,
          name: `${fixture.root()}/v/ca`,
          active: ca,
          transitional: next,
        },
      });
      await fixture.grant(`${actor}2`, `${fixture.root()}/v/ca`, ['read']);
      const named = await fixture.records().credentials.viewForWrite({
        access: as(`${actor}2`),
        name: `${fixture.root()}/v/none`,
        signer: `${fixture.root()}/v/ca`,
      });
      expect(named).toMatchObject({
        held: new Set(),
        credential: undefined,
        active: undefined,
        signer: { readable: true, active: { id: ca.id } },
      });
      const byId = await fixture.records().credentials.viewCertificate({
        access: anyone,
        credentialId: leaf.credentialId,
        signer: 'stored',
      });
      expect(byId).toMatchObject({ held: new Set(all), active: { id: leaf.id }, signer: { readable: true } });
      const byIdNamed = await fixture.records().credentials.viewCertificate({
        access: as(actor),
        credentialId: leaf.credentialId,
        signer: `${fixture.root()}/v/CA`,
      });
      expect(byIdNamed?.signer).toMatchObject({ readable: false, name: `${fixture.root()}/v/ca` });
      expect(
        await fixture.records().credentials.viewForWrite({
          access: anyone,
          name: `${fixture.root()}/v/none`,
          signer: `${fixture.root()}/v/none`,
        }),
      ).toMatchObject({ signer: undefined });
    });
  });

  describe('certificates', () => {
    const createCaAndLeaf = async (): Promise<{ ca: VersionRow; leaf: VersionRow; folder: string }> => {
      const folder = `/c-${randomUUID()}`;
      const ca = await fixture.put(`${folder}/CA`, {
        type: 'certificate',
        version: certificate({ caName: `${fixture.root()}${folder}/CA`, selfSigned: true }),
      });
      const leaf = await fixture.put(`${folder}/leaf`, {
        type: 'certificate',
        version: certificate({ caName: `${fixture.root()}${folder}/ca` }),
      });
      return { ca, leaf, folder };
    };

    test('lists contain versions without secrets, and the names that each has ever signed', async () => {
      const { ca, leaf, folder } = await createCaAndLeaf();
      const resigned = await fixture.put(`${folder}/leaf`, {
        type: 'certificate',
        version: certificate({ caName: '/other' }),
      });
      const [listed] = await fixture
        .records()
        .credentials.listCertificates({ access: anyone, name: `${fixture.root()}${folder}/ca` });
      expect(listed).toMatchObject({
        credentialId: ca.credentialId,
        name: `${fixture.root()}${folder}/CA`,
        signs: [`${fixture.root()}${folder}/leaf`],
      });
      expect(listed?.versions[0]).not.toHaveProperty('sealed');
      const everything = await fixture.records().credentials.listCertificates({ access: anyone });
      expect(everything[0]).toMatchObject({
        name: `${fixture.root()}${folder}/leaf`,
        signs: [],
        versions: [{ id: resigned.id }, { id: leaf.id }],
      });
      expect(await fixture.records().credentials.listCertificates({ access: as('nobody') })).toEqual([]);
      expect(
        (await fixture.records().credentials.signedBy({ caName: `${fixture.root()}${folder}/CA` })).map(
          (row) => row.id,
        ),
      ).toEqual([resigned.id]);
    });

    test('versions by credential id are all versions, newest first, or the active and the transitional one', async () => {
      const { ca, folder } = await createCaAndLeaf();
      const next = await fixture.put(`${folder}/CA`, {
        type: 'certificate',
        version: certificate({ transitional: true }),
      });
      const ids = async (current: boolean): Promise<string[]> => {
        const rows = await fixture.records().credentials.certificateVersions({
          access: anyone,
          credentialId: ca.credentialId,
          current,
        });
        return rows?.map((row) => row.id) ?? [];
      };
      expect(await ids(true)).toEqual([ca.id, next.id]);
      expect(await ids(false)).toEqual([next.id, ca.id]);
      expect(
        await fixture.records().credentials.certificateVersions({
          access: as('nobody'),
          credentialId: ca.credentialId,
          current: true,
        }),
      ).toBeUndefined();
    });

    test('a change of several certificates is atomic', async () => {
      const { ca, leaf } = await createCaAndLeaf();
      const change = (leafSeq: number, actor: string | null = null) =>
        fixture.records().credentials.changeCertificates({
          access: { actor },
          needWrite: [leaf.name],
          transitional: { credentialId: ca.credentialId, expectSeq: 1, versionId: ca.id },
          writes: [
            { credentialId: ca.credentialId, expectSeq: 1, version: certificate() },
            { credentialId: leaf.credentialId, expectSeq: leafSeq, version: certificate() },
          ],
          audit: [audit('BULK_REGENERATE', leaf.name)],
        });
      expect(await change(1, 'nobody')).toEqual({ outcome: 'denied' });
      expect(await change(9)).toEqual({ outcome: 'changed' });
      const broken = await fixture
        .records()
        .credentials.changeCertificates({
          access: anyone,
          needWrite: [],
          writes: [
            { credentialId: ca.credentialId, expectSeq: 1, version: certificate() },
            // An id that is taken: the second of several statements fails.
            { credentialId: leaf.credentialId, expectSeq: 1, version: certificate({}, { id: ca.id }) },
          ],
          audit: [],
        })
        .catch((error) => error.code);
      expect(broken).toBe('internal');
      const before = await fixture.records().credentials.readByName({ access: anyone, name: ca.name, current: true });
      expect(before).toEqual([ca]);
      const done = await change(1);
      if (done.outcome !== 'written') throw new Error(done.outcome);
      const after = await fixture.records().credentials.readByName({ access: anyone, name: ca.name, current: true });
      expect(after.map((row) => row.id)).toEqual([done.rows[0]?.id, ca.id]);
      expect(after[1]?.certificate?.transitional).toBe(true);
      expect(
        await fixture.records().credentials.readByName({ access: anyone, name: leaf.name, current: true }),
      ).toEqual([done.rows[1]]);
    });

    test('the transitional mark can be moved and removed', async () => {
      const { ca, folder } = await createCaAndLeaf();
      const newer = await fixture.put(`${folder}/CA`, { type: 'certificate', version: certificate() });
      const mark = async (versionId: string | null) => {
        const view = await fixture
          .records()
          .credentials.viewCertificate({ access: anyone, credentialId: ca.credentialId });
        const expectSeq = view?.credential?.seq ?? 0;
        return fixture.records().credentials.changeCertificates({
          access: anyone,
          needWrite: [],
          transitional: { credentialId: ca.credentialId, expectSeq, versionId },
          writes: [],
          audit: [],
        });
      };
      const current = async () =>
        (await fixture.records().credentials.readByName({ access: anyone, name: ca.name, current: true })).map(
          (row) => row.id,
        );
      expect(await mark(newer.id)).toMatchObject({ outcome: 'written' });
      expect(await current()).toEqual([ca.id, newer.id]);
      expect(await mark(ca.id)).toMatchObject({ outcome: 'written' });
      expect(await current()).toEqual([newer.id, ca.id]);
      expect(await mark(randomUUID())).toEqual({ outcome: 'changed' });
      expect(await mark(null)).toMatchObject({ outcome: 'written' });
      expect(await current()).toEqual([newer.id]);
    });

    test('a version can be deleted unless it is the last one', async () => {
      const { ca, leaf, folder } = await createCaAndLeaf();
      const newer = await fixture.put(`${folder}/CA`, { type: 'certificate', version: certificate() });
      const remove = (versionId: string, access: { actor: string | null } = anyone, expectSeq = 2) =>
        fixture.records().credentials.deleteCertificateVersion({
          access,
          credentialId: ca.credentialId,
          versionId,
          expectSeq,
          writes: [],
          audit: [audit('DELETE')],
        });
      expect(await remove(leaf.id)).toEqual({ outcome: 'missing' });
      expect(await remove(newer.id, as('nobody'))).toEqual({ outcome: 'missing' });
      expect(await remove(newer.id, anyone, 1)).toEqual({ outcome: 'changed' });
      expect(await remove(newer.id)).toEqual({ outcome: 'deleted', row: newer });
      expect(await fixture.records().credentials.readByName({ access: anyone, name: ca.name, current: true })).toEqual([
        ca,
      ]);
      expect(await remove(ca.id)).toEqual({ outcome: 'last' });
    });
  });
}
