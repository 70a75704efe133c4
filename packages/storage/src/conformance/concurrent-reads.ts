import { randomUUID } from 'node:crypto';
import { CredError, type CredentialRecords } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { ALL_OPERATIONS as all, anyone, as, certificate, type RecordsFixture, version } from './fixtures.ts';

const ACTORS = 12;
const NAMES = 30;
const REQUESTS = 2_000;
const AT_ONCE = 100;

/** A sequence of numbers below a limit that looks random, and is the same in each run. */
function createDraw(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

type Read = (records: CredentialRecords) => Promise<unknown>;

/** The answer, or what was refused. */
async function outcomeOf(read: Promise<unknown>): Promise<unknown> {
  try {
    return await read;
  } catch (error) {
    return error instanceof CredError ? { refused: error.code } : error;
  }
}

/** A backend may answer several reads with one statement; nobody must notice. */
export function concurrentReads({ records, root, put, grant }: RecordsFixture): void {
  const draw = createDraw(20_261_130);
  const pick = <T>(items: readonly T[]): T => items[draw(items.length)] as T;
  const ids: string[] = [];
  const credentialIds: string[] = [];

  async function store(): Promise<void> {
    for (let n = 0; n < NAMES; n += 1) {
      const isCertificate = n % 5 === 4;
      const versions = n === 3 ? 12 : 1 + draw(3);
      for (let at = 0; at < versions; at += 1) {
        const bytes = Buffer.alloc(pick([40, 40, 40, 20_000, 300_000]), n);
        const sealed = { keyId: 'key-1', format: 1, bytes };
        const caName = `${root()}/concurrent-reads/f1/n4`;
        const made = isCertificate
          ? certificate({ caName, transitional: at === 1 }, { sealed })
          : version({ sealed, metadata: `{"n":${n}}` });
        const row = await put(`/concurrent-reads/f${n % 3}/n${n}`, {
          version: made,
          type: isCertificate ? 'certificate' : 'json',
        });
        ids.push(row.id);
        credentialIds.push(row.credentialId);
      }
    }
    for (let actor = 0; actor < ACTORS; actor += 1) {
      const paths = [`f${draw(3)}/*`, `f${draw(3)}/n${draw(NAMES)}`, '*', `f${draw(3)}/quo"te\\*`];
      for (const path of paths.slice(draw(2), 1 + draw(4)))
        await grant(`actor "${actor}", \\`, `${root()}/concurrent-reads/${path}`, [pick(all)]);
    }
  }

  const anActor = () => (draw(10) === 0 ? anyone : as(`actor "${draw(ACTORS)}", \\`));
  function aName(): string {
    const n = draw(NAMES + 3);
    const name = `${root()}/concurrent-reads/f${n % 3}/n${n}`;
    return pick([name, name, name, name.toUpperCase(), `${name}/quo"te\\`, `${name}\0`]);
  }

  /** What is asked is drawn once, so that it can be asked twice. */
  function aRead(): Read {
    const access = anActor();
    const name = aName();
    const names = Array.from({ length: draw(40) }, aName);
    const limit = pick([undefined, 1, 2, 9, 100]);
    const id = pick([...ids, randomUUID(), 'not-an-id', `${ids[0]}'`]);
    const credentialId = pick([...credentialIds, randomUUID(), '']);
    const signer = pick([
      undefined,
      'stored',
      `${root()}/concurrent-reads/f1/n4`,
      `${root()}/concurrent-reads/f0/nowhere`,
      'a\0',
    ]);
    return pick<Read>([
      (it) => it.readByName({ access, name, current: true }),
      (it) => it.readByName({ access, name, current: false, limit }),
      (it) => it.readById({ access, id }),
      (it) => it.readMany({ access, names }),
      (it) => it.viewForWrite({ access, name, signer }),
      (it) => it.viewCertificate({ access, credentialId, signer }),
    ]);
  }

  describe('concurrent reads', () => {
    test('each gets the result that it would get alone', async () => {
      await store();
      const reads = Array.from({ length: REQUESTS }, aRead);
      const alone: unknown[] = [];
      for (const read of reads) alone.push(await outcomeOf(read(records().credentials)));
      for (let from = 0; from < REQUESTS; from += AT_ONCE) {
        const outcomes = await Promise.all(
          reads.slice(from, from + AT_ONCE).map((read) => outcomeOf(read(records().credentials))),
        );
        expect(outcomes).toEqual(alone.slice(from, from + AT_ONCE));
      }
      // Of each kind there were some: found, and refused or missing.
      const isNothing = (answer: unknown): boolean => answer === undefined || JSON.stringify(answer) === '[]';
      const found = alone.filter((answer) => !isNothing(answer)).length;
      expect(found).toBeGreaterThan(REQUESTS / 10);
      expect(REQUESTS - found).toBeGreaterThan(REQUESTS / 10);
    }, 60_000);

    test('a read that starts after a write was acknowledged sees it, however many others are under way', async () => {
      await Promise.all(
        Array.from({ length: 40 }, async (_, n) => {
          const name = `${root()}/concurrent-reads-written/n${n}`;
          for (let round = 0; round < 5; round += 1) {
            const written = await put(`/concurrent-reads-written/n${n}`);
            const [read] = await records().credentials.readByName({ access: anyone, name, current: true });
            expect(read?.id).toBe(written.id);
          }
        }),
      );
    });
  });
}
