import { randomUUID } from 'node:crypto';
import type { VersionRow } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { ALL_OPERATIONS as all, anyone, as, audit, certificate, type GivenRecords } from './given.ts';

/** The part of the suite about certificates and the views that writes are decided on. */
export function certificateRecords(given: GivenRecords): void {
  describe('views', () => {
    test('tell what is held, the credential with its counter, and the signer', async () => {
      const actor = `${given.root()}:viewer`;
      const ca = await given.put('/v/ca', {
        type: 'certificate',
        version: certificate({ certificateAuthority: true }),
      });
      const next = await given.put('/v/ca', { type: 'certificate', version: certificate({ transitional: true }) });
      const leaf = await given.put('/v/leaf', {
        type: 'certificate',
        version: certificate({ caName: `${given.root()}/v/ca` }),
      });
      await given.grant(actor, `${given.root()}/v/*`, ['write']);
      const view = await given
        .records()
        .credentials.viewForWrite({ access: as(actor), name: `${given.root()}/v/leaf`, signer: 'stored' });
      expect(view).toEqual({
        held: new Set(['write']),
        credential: { id: leaf.credentialId, name: `${given.root()}/v/leaf`, type: 'certificate', seq: 1 },
        active: leaf,
        transitional: undefined,
        signer: {
          readable: false,
          credentialId: ca.credentialId,
          name: `${given.root()}/v/ca`,
          active: ca,
          transitional: next,
        },
      });
      await given.grant(`${actor}2`, `${given.root()}/v/ca`, ['read']);
      const named = await given.records().credentials.viewForWrite({
        access: as(`${actor}2`),
        name: `${given.root()}/v/none`,
        signer: `${given.root()}/v/ca`,
      });
      expect(named).toMatchObject({
        held: new Set(),
        credential: undefined,
        active: undefined,
        signer: { readable: true, active: { id: ca.id } },
      });
      const byId = await given.records().credentials.viewCertificate({
        access: anyone,
        credentialId: leaf.credentialId,
        signer: 'stored',
      });
      expect(byId).toMatchObject({ held: new Set(all), active: { id: leaf.id }, signer: { readable: true } });
      const byIdNamed = await given.records().credentials.viewCertificate({
        access: as(actor),
        credentialId: leaf.credentialId,
        signer: `${given.root()}/v/CA`,
      });
      expect(byIdNamed?.signer).toMatchObject({ readable: false, name: `${given.root()}/v/ca` });
      expect(
        await given.records().credentials.viewForWrite({
          access: anyone,
          name: `${given.root()}/v/none`,
          signer: `${given.root()}/v/none`,
        }),
      ).toMatchObject({ signer: undefined });
    });
  });

  describe('certificates', () => {
    const certs = async (): Promise<{ ca: VersionRow; leaf: VersionRow; folder: string }> => {
      const folder = `/c-${randomUUID()}`;
      const ca = await given.put(`${folder}/CA`, {
        type: 'certificate',
        version: certificate({ caName: `${given.root()}${folder}/CA`, selfSigned: true }),
      });
      const leaf = await given.put(`${folder}/leaf`, {
        type: 'certificate',
        version: certificate({ caName: `${given.root()}${folder}/ca` }),
      });
      return { ca, leaf, folder };
    };

    test('lists have versions without secrets, and whom each has ever signed', async () => {
      const { ca, leaf, folder } = await certs();
      const resigned = await given.put(`${folder}/leaf`, {
        type: 'certificate',
        version: certificate({ caName: '/other' }),
      });
      const [listed] = await given
        .records()
        .credentials.listCertificates({ access: anyone, name: `${given.root()}${folder}/ca` });
      expect(listed).toMatchObject({
        credentialId: ca.credentialId,
        name: `${given.root()}${folder}/CA`,
        signs: [`${given.root()}${folder}/leaf`],
      });
      expect(listed?.versions[0]).not.toHaveProperty('sealed');
      const everything = await given.records().credentials.listCertificates({ access: anyone });
      expect(everything[0]).toMatchObject({
        name: `${given.root()}${folder}/leaf`,
        signs: [],
        versions: [{ id: resigned.id }, { id: leaf.id }],
      });
      expect(await given.records().credentials.listCertificates({ access: as('nobody') })).toEqual([]);
      expect(
        (await given.records().credentials.signedBy({ caName: `${given.root()}${folder}/CA` })).map((row) => row.id),
      ).toEqual([resigned.id]);
    });

    test('versions by id: all newest first, or the active and the transitional one', async () => {
      const { ca, folder } = await certs();
      const next = await given.put(`${folder}/CA`, {
        type: 'certificate',
        version: certificate({ transitional: true }),
      });
      const ids = async (current: boolean): Promise<string[]> => {
        const rows = await given.records().credentials.certificateVersions({
          access: anyone,
          credentialId: ca.credentialId,
          current,
        });
        return rows?.map((row) => row.id) ?? [];
      };
      expect(await ids(true)).toEqual([ca.id, next.id]);
      expect(await ids(false)).toEqual([next.id, ca.id]);
      expect(
        await given.records().credentials.certificateVersions({
          access: as('nobody'),
          credentialId: ca.credentialId,
          current: true,
        }),
      ).toBeUndefined();
    });

    test('a change of several certificates is whole or nothing', async () => {
      const { ca, leaf } = await certs();
      const change = (leafSeq: number, actor: string | null = null) =>
        given.records().credentials.changeCertificates({
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
      const broken = await given
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
      const before = await given.records().credentials.readByName({ access: anyone, name: ca.name, current: true });
      expect(before).toEqual([ca]);
      const done = await change(1);
      if (done.outcome !== 'written') throw new Error(done.outcome);
      const after = await given.records().credentials.readByName({ access: anyone, name: ca.name, current: true });
      expect(after.map((row) => row.id)).toEqual([done.rows[0]?.id, ca.id]);
      expect(after[1]?.certificate?.transitional).toBe(true);
      expect(await given.records().credentials.readByName({ access: anyone, name: leaf.name, current: true })).toEqual([
        done.rows[1],
      ]);
    });

    test('the transitional mark moves and goes', async () => {
      const { ca, folder } = await certs();
      const newer = await given.put(`${folder}/CA`, { type: 'certificate', version: certificate() });
      const mark = async (versionId: string | null) => {
        const view = await given
          .records()
          .credentials.viewCertificate({ access: anyone, credentialId: ca.credentialId });
        const expectSeq = view?.credential?.seq ?? 0;
        return given.records().credentials.changeCertificates({
          access: anyone,
          needWrite: [],
          transitional: { credentialId: ca.credentialId, expectSeq, versionId },
          writes: [],
          audit: [],
        });
      };
      const current = async () =>
        (await given.records().credentials.readByName({ access: anyone, name: ca.name, current: true })).map(
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

    test('a version can go, the last one not', async () => {
      const { ca, leaf, folder } = await certs();
      const newer = await given.put(`${folder}/CA`, { type: 'certificate', version: certificate() });
      const remove = (versionId: string, access: { actor: string | null } = anyone, expectSeq = 2) =>
        given.records().credentials.deleteCertificateVersion({
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
      expect(await given.records().credentials.readByName({ access: anyone, name: ca.name, current: true })).toEqual([
        ca,
      ]);
      expect(await remove(ca.id)).toEqual({ outcome: 'last' });
    });
  });
}
