/**
 * The certificates of a whole deployment through rotations by each documented path (docs/reference/ca-rotation.md). After every
 * request to a CA, openssl verifies every certificate by the first PEM object of its `ca`; after every deployment, what is
 * deployed now and what was deployed before accept each other.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CertificateGraph,
  certificateGraph,
  type Deployed,
  refusedByPeers,
  unverified,
} from './harness/certificate-graph.ts';
import { startServer, type TestServer } from './harness/server.ts';

const LIMIT_MS = 600_000;

let server: TestServer;
let graph: CertificateGraph;
let before: Deployed[];
beforeAll(async () => {
  server = await startServer({ level: 2 });
  graph = certificateGraph(server, '/deployment');
  await graph.generate('no-overwrite');
  before = await graph.read();
}, LIMIT_MS);
afterAll(() => server?.stop());

/** Every certificate verifies now. */
async function step(title: string, act: () => Promise<void>): Promise<void> {
  await act();
  expect(unverified(await graph.read()), title).toEqual([]);
}

/** Peers with what was deployed before and peers with what is deployed now trust each other, as far as they are compared. */
async function deploy(title: string, isCompared: (one: Deployed) => boolean = () => true): Promise<void> {
  const all = await graph.read();
  const now = all.filter(isCompared);
  expect(unverified(now), title).toEqual([]);
  for (const [certificates, peers] of [
    [now, now],
    [now, before],
    [before, now],
  ] as const) {
    expect(refusedByPeers(certificates, peers), title).toEqual([]);
  }
  before = all;
}

async function each(authorities: readonly string[], act: (ca: string) => Promise<void>): Promise<void> {
  for (const ca of authorities) await act(ca);
}

function isRoot(ca: string): boolean {
  return graph.roots.includes(ca);
}
/** A new version of an intermediate is signed by the new version of its parent. */
function begin(ca: string): Promise<void> {
  return graph.regenerate(ca, { set_as_transitional: true, allow_transitional_parent_to_sign: !isRoot(ca) });
}
async function current(ca: string, transitional: boolean): Promise<string> {
  return (await graph.versionsOf(ca)).find((version) => version.transitional === transitional)?.id ?? '';
}
/** The new version signs, the old one is transitional. */
async function turn(ca: string): Promise<void> {
  return graph.mark(ca, await current(ca, false));
}
function end(ca: string): Promise<void> {
  return graph.mark(ca, null);
}
async function signers(): Promise<Map<string, string>> {
  return new Map((await graph.read()).map(({ name, certificate }) => [name, certificate]));
}

describe('every certificate verifies against the first PEM object of its ca', () => {
  test('the graph has 15 CAs, intermediates among them, and 76 leaves', async () => {
    expect([graph.authorities.length, graph.leaves]).toEqual([15, 76]);
    expect(graph.roots.length).toBeLessThan(15);
    expect(unverified(before)).toEqual([]);
  });

  test(
    'through a rotation with bulk-regenerate',
    async () => {
      const old = await signers();
      await step('begun', () => each(graph.authorities, begin));
      await deploy('both versions trusted');
      await step('turned', () => each(graph.authorities, turn));
      await step('regenerated', () => each(graph.roots, (ca) => graph.bulkRegenerate(ca)));
      // An intermediate below a root has another key now, which nobody who trusts that intermediate has seen yet.
      await deploy('signed anew', ({ signer }) => isRoot(signer));
      await step('ended', () => each(graph.authorities, end));
      await deploy('the old version is gone', ({ signer }) => isRoot(signer));
      const now = await graph.read();
      expect(now.filter(({ name, certificate }) => old.get(name) === certificate)).toEqual([]);
      expect(now.filter(({ ca }) => (ca.match(/BEGIN/g) ?? []).length !== 1)).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'through a second one without bulk-regenerate: converge signs anew',
    async () => {
      const old = await signers();
      await step('begun', () => each(graph.authorities, begin));
      await step('converge keeps everything', () => graph.generate('converge'));
      await deploy('both versions trusted');
      await step('turned', () => each(graph.authorities, turn));
      await step('converged', () => graph.generate('converge'));
      await deploy('signed anew');
      await step('ended', () => each(graph.authorities, end));
      await deploy('the old version is gone');
      expect((await graph.read()).filter(({ name, certificate }) => old.get(name) === certificate)).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'through the three steps alone, and the next converge signs everything anew',
    async () => {
      const old = await signers();
      await step('begun', () => each(graph.authorities, (ca) => graph.regenerate(ca, { set_as_transitional: true })));
      await step('turned', () => each(graph.authorities, turn));
      await step('ended', () => each(graph.authorities, end));
      const leaves = (await graph.read()).filter(({ name }) => name.includes('-leaf-'));
      expect(leaves.filter(({ name, certificate }) => old.get(name) !== certificate)).toEqual([]);
      await step('converged', () => graph.generate('converge'));
      expect((await graph.read()).filter(({ name, certificate }) => old.get(name) === certificate)).toEqual([]);
      before = await graph.read();
    },
    LIMIT_MS,
  );

  test(
    'with the CAs in the opposite order at each step',
    async () => {
      const reversed = graph.authorities.toReversed();
      await step('begun', () => each(reversed, (ca) => graph.regenerate(ca, { set_as_transitional: true })));
      await deploy('both versions trusted');
      for (const ca of reversed) await step(`turned ${ca}`, () => turn(ca));
      await step('converged', () => graph.generate('converge'));
      // An intermediate that its root's old version had signed has another key now.
      await deploy('signed anew', ({ signer }) => isRoot(signer));
      await step('ended', () => each(reversed, end));
      await deploy('the old version is gone', ({ signer }) => isRoot(signer));
    },
    LIMIT_MS,
  );

  test(
    'through rotations that are called off',
    async () => {
      const old = await signers();
      await step('begun', () => each(graph.authorities, begin));
      await deploy('both versions trusted');
      const late = graph.authorities.slice(0, 7);
      const early = graph.authorities.slice(7);
      await step('the new version deleted', () => each(early, async (ca) => graph.remove(ca, await current(ca, true))));
      await step('turned', () => each(late, turn));
      await step('signed by the new version', () => each(late.slice(0, 2), (ca) => graph.bulkRegenerate(ca)));
      await deploy('some signed anew');
      await step('turned back', () => each(late, turn));
      await step('signed by the old version', () => each(late.slice(0, 2), (ca) => graph.bulkRegenerate(ca)));
      await deploy('all signed by the old version');
      await step('the new version deleted', () => each(late, async (ca) => graph.remove(ca, await current(ca, true))));
      await deploy('as before');
      const roots = (await graph.read()).filter(({ name }) => graph.roots.includes(name));
      expect(roots.filter(({ name, certificate }) => old.get(name) !== certificate)).toEqual([]);
      const trusted = (await graph.read()).filter(({ ca }) => (ca.match(/BEGIN/g) ?? []).length !== 1);
      expect(trusted).toEqual([]);
    },
    LIMIT_MS,
  );
});
