/**
 * POST /api/v1/bulk-regenerate: regenerates every certificate that a CA signed, and the chains below, all or nothing
 * (docs/reference/credhub-server.md#bulk-regenerate). Parents come before children, so that a leaf is signed by its
 * regenerated intermediate. Memory: one sealed version per certificate, about 10 KB. Keys are generated through the
 * queue of `key-algorithms/generation-queue.ts`.
 */

import { accessOf, auditOf, type Caller, isAllowed } from '../caller.ts';
import { CredError } from '../errors.ts';
import { isStorable, withSlash } from '../identifiers/name.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { MAX_CONCURRENT_GENERATIONS } from '../key-algorithms/generation-queue.ts';
import type { Access } from '../ports/permissions.ts';
import { PkiError } from '../ports/pki.ts';
import type { CertificateWrite, PlainParts, SignedRow, SignerState, SignerView } from '../ports/records.ts';
import type { Secret } from '../secret.ts';
import { certificateType } from '../types/certificate.ts';
import type { CredentialContent, GeneratePlan, SigningCa } from '../types/credential-type.ts';
import { givenText } from '../types/fields.ts';
import { mapBounded } from './map-bounded.ts';
import { VAULT_WIDTH } from './open.ts';
import { abandon, type SealedVersion, sealVersion } from './seal.ts';
import type { AffectedVersion, CredentialDeps } from './service.ts';
import { privateKeyIn, resolveSigner, signerKey } from './signer.ts';
import { toolsOf } from './tools.ts';

/**
 * Certificates that are regenerated at the same time. While one is signed and sealed, the next key is generated, so no core
 * idles; more would let the keys of this request queue before those of others.
 */
const REGENERATION_WIDTH = 2 * MAX_CONCURRENT_GENERATIONS;

/** A retry regenerates only the certificates that a concurrent writer changed. */
const ATTEMPTS = 20;

export const bulkRegenerateFields = { signed_by: givenText('missing_signed_by', { description: 'Name of the CA' }) };

export async function bulkRegenerate(deps: CredentialDeps, caller: Caller, body: JsonNode): Promise<AffectedVersion[]> {
  const read = readFields(objectOf(body), bulkRegenerateFields);
  if (read.signed_by === undefined || read.signed_by === null) throw new CredError('missing_signed_by');
  const caName = withSlash(read.signed_by);
  if (!isStorable(caName)) return [];
  const access = accessOf(deps, caller);
  const root = await deps.records.viewForWrite({ access, name: caName });
  if (!isAllowed(access, root.held, 'read')) throw new CredError('credential_not_found');
  let remade: RegenerationRun['before'] = new Map();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const chain = await chainBelow(deps, caName);
    await requireWrite(deps, access, chain);
    const run: RegenerationRun = { deps, access, before: remade, chain: byName(chain), signers: new Map() };
    remade = await regenerateAll(run);
    const written = await writeAll(run, caller, chain, remade);
    if (written) return written.sort((a, b) => ignoringCase(a.name, b.name));
  }
  throw new CredError('unavailable');
}

/** A certificate of the chain, without its secret and without the CAs that it stores. */
type ChainMember = Omit<SignedRow, 'sealed'>;

/** A new version. It is sealed immediately by a local vault; for a remote vault, the value is kept until all exist. */
interface RegeneratedVersion {
  readonly signedWith: string;
  readonly version: SealedVersion | { readonly value: Secret; readonly plain: PlainParts };
  /** Set for a CA: signs the certificates below it. */
  readonly signer: SigningCa | undefined;
}

interface RegenerationRun {
  readonly deps: CredentialDeps;
  readonly access: Access;
  /** Results of the previous attempt by version id, reused while the signer is unchanged. */
  readonly before: ReadonlyMap<string, RegeneratedVersion>;
  readonly chain: ReadonlyMap<string, ChainMember>;
  /** The signing CAs of this run, by lower-case name. */
  readonly signers: Map<string, Promise<SigningCa>>;
}

function byName(rows: readonly ChainMember[]): Map<string, ChainMember> {
  return new Map(rows.map((row) => [row.name.toLowerCase(), row]));
}

function ignoringCase(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Returns every certificate that the CA or one of its descendants ever signed, without the CA itself. */
async function chainBelow(deps: CredentialDeps, caName: string): Promise<ChainMember[]> {
  const found = new Map<string, ChainMember>();
  const seen = new Set([caName.toLowerCase()]);
  for (let level = [caName]; level.length > 0; ) {
    const below: string[] = [];
    for (const name of level) {
      for (const row of await deps.records.signedBy({ caName: name })) {
        const key = row.name.toLowerCase();
        if (seen.has(key)) continue;
        seen.add(key);
        found.set(key, chainMemberOf(row));
        if (isCa(deps, row)) below.push(row.name);
      }
    }
    level = below;
  }
  return [...found.values()];
}

/** Returns whether the regenerated version will be a CA. A version of create-version must be parsed to find out. */
function isCa({ pki }: CredentialDeps, { certificate: columns }: SignedRow): boolean {
  if (columns === null || columns.certificateAuthority || columns.generated !== null) {
    return columns?.certificateAuthority ?? false;
  }
  try {
    return columns.certificate !== null && pki.parse(columns.certificate).isCa;
  } catch (error) {
    if (error instanceof PkiError) return false;
    throw error;
  }
}

function chainMemberOf({ sealed: _, ...row }: SignedRow): ChainMember {
  return { ...row, certificate: row.certificate && { ...row.certificate, ca: null, trustedCa: null } };
}

/** Checks write permission before any key is generated. @throws CredError `credential_not_writable` */
async function requireWrite(deps: CredentialDeps, access: Access, chain: readonly ChainMember[]): Promise<void> {
  const needWrite = chain.map((row) => row.name);
  const { outcome } = await deps.records.changeCertificates({ access, needWrite, writes: [], audit: [] });
  if (outcome === 'denied') throw new CredError('credential_not_writable');
}

async function regenerateAll(run: RegenerationRun): Promise<Map<string, RegeneratedVersion>> {
  const remade = new Map<string, RegeneratedVersion>();
  for (const generation of generations(run.chain)) {
    await mapBounded(generation, REGENERATION_WIDTH, async (row) => {
      remade.set(row.id, await regenerateOne(run, row));
    });
  }
  return remade;
}

/** Groups certificates by depth, parents first. A cycle, which only set certificates can form, is cut at its entry. */
function generations(chain: ReadonlyMap<string, ChainMember>): ChainMember[][] {
  const depths = new Map<ChainMember, number>();
  const depthOf = (row: ChainMember): number => {
    const known = depths.get(row);
    if (known !== undefined) return known;
    depths.set(row, 0);
    const parent = chain.get(row.certificate?.caName?.toLowerCase() ?? '');
    const depth = parent === undefined || parent === row ? 0 : depthOf(parent) + 1;
    depths.set(row, depth);
    return depth;
  };
  const levels: ChainMember[][] = [];
  for (const row of chain.values()) {
    const depth = depthOf(row);
    const level = levels[depth] ?? [];
    level.push(row);
    levels[depth] = level;
  }
  return levels.filter((level) => level !== undefined);
}

async function regenerateOne(run: RegenerationRun, row: ChainMember): Promise<RegeneratedVersion> {
  const { deps, before, signers } = run;
  const stored = { name: row.name, plain: row, open: () => Promise.reject(new CredError('internal')) };
  const plan: GeneratePlan = certificateType.generation.regenerate(stored, toolsOf(deps));
  const ca = plan.ca === undefined ? undefined : await signerOf(run, plan.ca);
  const known = before.get(row.id);
  const remade = known?.signedWith === signerKey(ca) ? known : await generateVersion(run, row, plan, ca);
  if (remade.signer) signers.set(row.name.toLowerCase(), Promise.resolve(remade.signer));
  return remade;
}

async function generateVersion(
  run: RegenerationRun,
  row: ChainMember,
  plan: GeneratePlan,
  ca: SigningCa | undefined,
): Promise<RegeneratedVersion> {
  const made = await plan.make(row.name, ca);
  const signer = made.plain.certificate?.certificateAuthority ? await signerFrom(run, row, made) : undefined;
  return { signedWith: signerKey(ca), version: await sealUnlessRemote(run.deps, made), signer };
}

/**
 * For a remote vault, sealing waits until all keys exist: an intent could become stale during a thousand generations.
 */
async function sealUnlessRemote(deps: CredentialDeps, made: CredentialContent): Promise<RegeneratedVersion['version']> {
  if (deps.vault.remote) return { value: made.value, plain: made.plain };
  return sealVersion(deps, made, null);
}

function signerOf(run: RegenerationRun, caName: string): Promise<SigningCa> {
  const key = caName.toLowerCase();
  const signer = run.signers.get(key) ?? storedSigner(run, caName);
  run.signers.set(key, signer);
  return signer;
}

async function storedSigner({ deps, access }: RegenerationRun, caName: string): Promise<SigningCa> {
  const { credential, active, transitional } = await deps.records.viewForWrite({ access, name: caName });
  const view: SignerView | undefined =
    credential?.type === 'certificate'
      ? { readable: true, credentialId: credential.id, name: credential.name, active, transitional }
      : undefined;
  return resolveSigner(deps, view, { unreadable: undefined, needsKey: true });
}

/** Returns a regenerated CA as signer. Its transitional version, if any, stays the trusted sibling. */
async function signerFrom(
  { deps, access }: RegenerationRun,
  row: ChainMember,
  made: CredentialContent,
): Promise<SigningCa> {
  const certificate = made.plain.certificate?.certificate ?? '';
  const sibling = (await deps.records.viewForWrite({ access, name: row.name })).transitional;
  return {
    name: row.name,
    certificate,
    trusted: sibling?.certificate?.certificate ?? null,
    privateKey: privateKeyIn(made.value),
  };
}

/** Returns the state of the CAs that signed and are not regenerated themselves. */
async function storedSigners({ signers, chain }: RegenerationRun): Promise<SignerState[]> {
  const regenerated = new Set([...chain.values()].map(({ credentialId }) => credentialId));
  const cas = await Promise.all(signers.values());
  return cas.flatMap(({ state }) => (state && !regenerated.has(state.credentialId) ? [state] : []));
}

async function writeAll(
  run: RegenerationRun,
  caller: Caller,
  chain: readonly ChainMember[],
  remade: ReadonlyMap<string, RegeneratedVersion>,
): Promise<AffectedVersion[] | undefined> {
  const { deps, access } = run;
  const writes = await sealAll(deps, chain, remade);
  const touched = chain.map(({ name, credentialId }, i) => ({
    name,
    credentialId,
    versionId: writes[i]?.version.id ?? '',
  }));
  const { outcome } = await deps.records.changeCertificates({
    access,
    needWrite: chain.map((row) => row.name),
    signers: await storedSigners(run),
    writes,
    audit: touched.map(({ name, versionId }) =>
      auditOf(deps, caller, { action: 'BULK_REGENERATE', resource: name, versionId }),
    ),
  });
  if (outcome === 'written') return touched;
  await abandonAll(deps, writes);
  if (outcome === 'denied') throw new CredError('credential_not_writable');
  return undefined;
}

async function sealAll(
  deps: CredentialDeps,
  chain: readonly ChainMember[],
  remade: ReadonlyMap<string, RegeneratedVersion>,
): Promise<CertificateWrite[]> {
  const writes: CertificateWrite[] = [];
  try {
    return await mapBounded(chain, VAULT_WIDTH, async (row) => {
      const kept = remade.get(row.id)?.version;
      if (kept === undefined) throw new CredError('internal');
      const { version, intent } = 'value' in kept ? await sealVersion(deps, kept, null) : kept;
      const write = {
        credentialId: row.credentialId,
        expectSeq: row.nameSeq,
        version: { ...version, createdAt: deps.clock.now() },
        intent,
      };
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
