/**
 * POST /api/v1/bulk-regenerate: every certificate that a CA signed, and below it the whole chain, all or nothing (server-facts
 * 1.2). Parents come before children, so that a leaf is signed by its regenerated intermediate. What is held meanwhile is one
 * sealed version per certificate; keys are made through the queue of `generators/rsa.ts`.
 */
import { CredError } from '../errors.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Access, CertificateWrite, SignedRow, SignerView, VersionRow } from '../ports/records.ts';
import { certificateType } from '../types/certificate.ts';
import type { GeneratePlan, Made, SigningCa } from '../types/credential-type.ts';
import { accessOf, auditOf, holds, toolsOf } from './context.ts';
import { mapBounded } from './map-bounded.ts';
import { isStorable, withSlash } from './name.ts';
import { storedOf, VAULT_WIDTH } from './open.ts';
import { nameField } from './request.ts';
import { abandon, sealVersion } from './seal.ts';
import type { Caller, CredentialDeps } from './service.ts';
import { concatenated, privateKeyIn, resolveSigner } from './signer.ts';

const ATTEMPTS = 3;

export async function bulkRegenerate(deps: CredentialDeps, caller: Caller, body: JsonNode): Promise<string[]> {
  const read = readFields(objectOf(body), { signed_by: nameField });
  if (read.signed_by === undefined || read.signed_by === null) throw new CredError('missing_signed_by');
  const caName = withSlash(read.signed_by);
  if (!isStorable(caName)) return [];
  const access = accessOf(deps, caller);
  const root = await deps.records.viewForWrite({ access, name: caName });
  if (!holds(access, root.held, 'read')) throw new CredError('credential_not_found');
  const memo = new Map<string, Made>();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const chain = await chainBelow(deps, caName);
    await requireWrite(deps, access, chain);
    const run: Run = { deps, access, memo, chain: byName(chain), signers: new Map() };
    const written = await store(deps, caller, access, chain, await remakeAll(run));
    if (written) return chain.map((row) => row.name).sort(ignoringCase);
  }
  throw new CredError('unavailable');
}

interface Run {
  readonly deps: CredentialDeps;
  readonly access: Access;
  /** What an earlier attempt made, by version and signer: nothing is made twice. */
  readonly memo: Map<string, Made>;
  readonly chain: ReadonlyMap<string, SignedRow>;
  /** CAs as they sign in this run, by lower-case name. */
  readonly signers: Map<string, Promise<SigningCa>>;
}

const byName = (rows: readonly SignedRow[]): Map<string, SignedRow> =>
  new Map(rows.map((row) => [row.name.toLowerCase(), row]));

const ignoringCase = (a: string, b: string): number => {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** Everything that was ever signed by the CA, and by what it signed. The CA itself is never its own descendant. */
async function chainBelow(deps: CredentialDeps, caName: string): Promise<SignedRow[]> {
  const found = new Map<string, SignedRow>();
  const seen = new Set([caName.toLowerCase()]);
  for (let level = [caName]; level.length > 0; ) {
    const below: string[] = [];
    for (const name of level) {
      for (const row of await deps.records.signedBy({ caName: name })) {
        const key = row.name.toLowerCase();
        if (seen.has(key)) continue;
        seen.add(key);
        found.set(key, row);
        if (row.certificate?.certificateAuthority) below.push(row.name);
      }
    }
    level = below;
  }
  return [...found.values()];
}

/** Before any key is made. */
async function requireWrite(deps: CredentialDeps, access: Access, chain: readonly SignedRow[]): Promise<void> {
  const needWrite = chain.map((row) => row.name);
  const { outcome } = await deps.records.changeCertificates({ access, needWrite, writes: [], audit: [] });
  if (outcome === 'denied') throw new CredError('credential_not_writable');
}

async function remakeAll(run: Run): Promise<Map<string, Made>> {
  const made = new Map<string, Made>();
  for (const generation of generations(run.chain)) {
    await mapBounded(generation, VAULT_WIDTH, async (row) => {
      const next = await remake(run, row);
      made.set(row.id, next);
      run.signers.set(row.name.toLowerCase(), Promise.resolve(await asSigner(run, row, next)));
    });
  }
  return made;
}

/** Parents first. A circle of signers, which only hand-set certificates can have, is cut where it is entered. */
function generations(chain: ReadonlyMap<string, SignedRow>): SignedRow[][] {
  const depths = new Map<SignedRow, number>();
  const depthOf = (row: SignedRow): number => {
    const known = depths.get(row);
    if (known !== undefined) return known;
    depths.set(row, 0);
    const parent = chain.get(row.certificate?.caName?.toLowerCase() ?? '');
    const depth = parent === undefined || parent === row ? 0 : depthOf(parent) + 1;
    depths.set(row, depth);
    return depth;
  };
  const levels: SignedRow[][] = [];
  for (const row of chain.values()) {
    const depth = depthOf(row);
    const level = levels[depth] ?? [];
    level.push(row);
    levels[depth] = level;
  }
  return levels.filter((level) => level !== undefined);
}

async function remake(run: Run, row: SignedRow): Promise<Made> {
  const plan = certificateType.generation.again(storedOf(run.deps.vault, row), toolsOf(run.deps)) as GeneratePlan;
  const ca = plan.ca === undefined ? undefined : await signerOf(run, plan.ca);
  const key = `${row.id} ${ca?.bundle ?? ''}`;
  const made = run.memo.get(key) ?? (await plan.make(row.name, ca));
  run.memo.set(key, made);
  return made;
}

function signerOf(run: Run, caName: string): Promise<SigningCa> {
  const key = caName.toLowerCase();
  const signer = run.signers.get(key) ?? storedSigner(run, caName);
  run.signers.set(key, signer);
  return signer;
}

async function storedSigner({ deps, access }: Run, caName: string): Promise<SigningCa> {
  const { credential, active, transitional } = await deps.records.viewForWrite({ access, name: caName });
  const view: SignerView | undefined =
    credential?.type === 'certificate'
      ? { readable: true, credentialId: credential.id, name: credential.name, active, transitional }
      : undefined;
  return resolveSigner(deps, view, { unreadable: undefined, needsKey: true });
}

/** A CA of the chain signs with its new version; a transitional version of it goes on standing beside. */
async function asSigner({ deps, access }: Run, row: VersionRow, made: Made): Promise<SigningCa> {
  const certificate = made.plain.certificate?.certificate ?? '';
  const sibling = row.certificate?.certificateAuthority
    ? (await deps.records.viewForWrite({ access, name: row.name })).transitional
    : undefined;
  return {
    name: row.name,
    certificate,
    bundle: concatenated(deps, certificate, sibling?.certificate?.certificate ?? null),
    privateKey: privateKeyIn(made.value),
  };
}

async function store(
  deps: CredentialDeps,
  caller: Caller,
  access: Access,
  chain: readonly SignedRow[],
  made: ReadonlyMap<string, Made>,
): Promise<boolean> {
  const writes = await sealAll(deps, chain, made);
  const { outcome } = await deps.records.changeCertificates({
    access,
    needWrite: chain.map((row) => row.name),
    writes,
    audit: chain.map((row, i) =>
      auditOf(deps, caller, {
        action: 'BULK_REGENERATE',
        resource: row.name,
        versionId: writes[i]?.version.id ?? null,
      }),
    ),
  });
  if (outcome === 'written') return true;
  await abandonAll(deps, writes);
  if (outcome === 'denied') throw new CredError('credential_not_writable');
  return false;
}

async function sealAll(
  deps: CredentialDeps,
  chain: readonly SignedRow[],
  made: ReadonlyMap<string, Made>,
): Promise<CertificateWrite[]> {
  const writes: CertificateWrite[] = [];
  try {
    return await mapBounded(chain, VAULT_WIDTH, async (row) => {
      const next = made.get(row.id);
      if (next === undefined) throw new CredError('internal');
      const { version, intent } = await sealVersion(deps, next, null);
      const write = { credentialId: row.credentialId, expectSeq: row.nameSeq, version, intent };
      writes.push(write);
      return write;
    });
  } catch (error) {
    await abandonAll(deps, writes);
    throw error;
  }
}

async function abandonAll(deps: CredentialDeps, writes: readonly CertificateWrite[]): Promise<void> {
  await mapBounded(writes, VAULT_WIDTH, ({ version, intent }) => abandon(deps, { id: version.id, intent }));
}
