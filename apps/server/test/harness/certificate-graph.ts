/**
 * A deployment's certificates in the shape of a Cloud Foundry: 15 CAs, four of them below another, and 76 leaves, written as a manifest's
 * variables. One call of {@link CertificateGraph.read} is what a deployment sees.
 */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestBody } from '@credplex/contract/client';
import { type ApiRoutes, succeeded } from './http.ts';
import type { TestServer } from './server.ts';

type RegenerateBody = RequestBody<ApiRoutes, 'POST /api/v1/certificates/{id}/regenerate'>;

interface Authority {
  readonly name: string;
  /** Below which CA; undefined: a root. */
  readonly ca?: string;
  readonly leaves: number;
}

/** Parents come first. */
const MANIFEST: readonly Authority[] = [
  { name: 'router', leaves: 14 },
  { name: 'messages', leaves: 6 },
  { name: 'database', leaves: 5 },
  { name: 'instances-root', leaves: 0 },
  { name: 'instances', ca: 'instances-root', leaves: 3 },
  { name: 'containers', ca: 'instances', leaves: 4 },
  { name: 'logs', leaves: 12 },
  { name: 'logs-forwarder', ca: 'logs', leaves: 5 },
  { name: 'metrics', leaves: 8 },
  { name: 'tokens', leaves: 1 },
  { name: 'secrets', leaves: 3 },
  { name: 'droplets', leaves: 4 },
  { name: 'network', leaves: 6 },
  { name: 'network-policy', ca: 'network', leaves: 3 },
  { name: 'clients', leaves: 2 },
];
const LANES = 8;
type Mode = 'no-overwrite' | 'converge';
interface Variable {
  readonly name: string;
  readonly ca: string | undefined;
  readonly isCa: boolean;
}

/** What a deployment uses of a certificate. */
export interface Deployed {
  readonly name: string;
  readonly ca: string;
  readonly certificate: string;
  /** Name of the CA; the own name for a root. */
  readonly signer: string;
}

interface Version {
  readonly id: string;
  readonly transitional: boolean;
}

export interface CertificateGraph {
  /** Names, parents first. */
  readonly authorities: readonly string[];
  readonly roots: readonly string[];
  readonly leaves: number;
  /** Asks for every variable as a deployment does. */
  generate(mode: Mode): Promise<void>;
  read(): Promise<Deployed[]>;
  /** Newest first. */
  versionsOf(ca: string): Promise<readonly Version[]>;
  regenerate(ca: string, body: RegenerateBody): Promise<void>;
  mark(ca: string, version: string | null): Promise<void>;
  remove(ca: string, version: string): Promise<void>;
  bulkRegenerate(ca: string): Promise<void>;
}

const variablesOf = (folder: string): Variable[] =>
  MANIFEST.flatMap(({ name, ca, leaves }) => {
    const path = `${folder}/${name}`;
    const parent = ca === undefined ? undefined : `${folder}/${ca}`;
    const below = Array.from({ length: leaves }, (_, n) => ({ name: `${path}-leaf-${n}`, ca: path, isCa: false }));
    return [{ name: path, ca: parent, isCa: true }, ...below];
  });

async function inLanes<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await act(next[1]);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

export function certificateGraph(server: TestServer, folder: string): CertificateGraph {
  const variables = variablesOf(folder);
  const authorities = variables.filter(({ isCa }) => isCa);
  const ids = new Map<string, string>();

  const { call } = server;
  async function listed(name: string) {
    const { certificates } = await succeeded(call('GET /api/v1/certificates', { query: { name } }));
    const [found] = certificates;
    if (found === undefined) throw new Error(`no certificate ${name}`);
    return found;
  }
  async function idOf(name: string): Promise<string> {
    const id = ids.get(name) ?? (await listed(name)).id;
    ids.set(name, id);
    return id;
  }
  async function generate(mode: Mode, { name, ca, isCa }: Variable): Promise<void> {
    const parameters = {
      common_name: name.slice(1).replaceAll('/', ' '),
      ...(ca && { ca }),
      ...(isCa && { is_ca: true }),
    };
    await succeeded(call('POST /api/v1/data', { body: { name, type: 'certificate', parameters, mode } }));
  }

  return {
    authorities: authorities.map(({ name }) => name),
    roots: authorities.filter(({ ca }) => ca === undefined).map(({ name }) => name),
    leaves: variables.length - authorities.length,
    async generate(mode) {
      for (const authority of authorities) await generate(mode, authority);
      await inLanes(
        variables.filter(({ isCa }) => !isCa),
        (leaf) => generate(mode, leaf),
      );
    },
    read: () =>
      inLanes(variables, async ({ name, ca }) => {
        const { data } = (await succeeded(call('GET /api/v1/data', { query: { name, current: true } }))) as {
          data: { value: { ca: string; certificate: string } }[];
        };
        const value = data[0]?.value ?? { ca: '', certificate: '' };
        return { name, ca: value.ca, certificate: value.certificate, signer: ca ?? name };
      }),
    versionsOf: async (ca) => (await listed(ca)).versions,
    async regenerate(ca, body) {
      await succeeded(call('POST /api/v1/certificates/{id}/regenerate', { params: { id: await idOf(ca) }, body }));
    },
    async mark(ca, version) {
      const input = { params: { id: await idOf(ca) }, body: { version } };
      await succeeded(call('PUT /api/v1/certificates/{id}/update_transitional_version', input));
    },
    async remove(ca, version) {
      const params = { id: await idOf(ca), version_id: version };
      await succeeded(call('DELETE /api/v1/certificates/{id}/versions/{version_id}', { params }));
    },
    async bulkRegenerate(ca) {
      await succeeded(call('POST /api/v1/bulk-regenerate', { body: { signed_by: ca } }));
    },
  };
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g;
const blocksOf = (text: string): string[] => text.match(PEM) ?? [];

/** Names of the certificates that openssl does not verify by the first PEM object of their `ca`. */
export function unverified(deployed: readonly Deployed[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-openssl-'));
  try {
    const groups = Map.groupBy(deployed, ({ ca }) => blocksOf(ca)[0] ?? '');
    return [...groups].flatMap(([signer, signed], group) => {
      const authority = join(folder, `ca-${group}.pem`);
      writeFileSync(authority, signer);
      const files = signed.map(({ certificate }, index) => {
        const file = join(folder, `${group}-${index}.pem`);
        writeFileSync(file, certificate);
        return file;
      });
      const printed = opensslVerify(authority, files);
      return signed.filter((_, index) => !printed.includes(`${files[index]}: OK`)).map(({ name }) => name);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An intermediate is an anchor like any other: what hangs below it carries no root. */
function opensslVerify(authority: string, files: readonly string[]): string {
  const args = ['verify', '-partial_chain', '-no-CApath', '-no-CAstore', '-CAfile', authority, ...files];
  try {
    return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  }
}

const isSelfSigned = ({ name, signer }: Deployed): boolean => name === signer;

/** Names whose certificate a peer refuses that trusts the `ca` of another certificate of the same CA. */
export function refusedByPeers(deployed: readonly Deployed[], peers: readonly Deployed[]): string[] {
  const signed = peers.filter((peer) => !isSelfSigned(peer));
  const trusted = new Map(
    [...Map.groupBy(signed, ({ signer }) => signer)].map(([signer, group]) => [
      signer,
      [...new Set(group.map(({ ca }) => ca))].map((ca) => blocksOf(ca).map((pem) => new X509Certificate(pem))),
    ]),
  );
  return deployed
    .filter((one) => !isSelfSigned(one))
    .filter(({ signer, certificate }) => {
      const leaf = new X509Certificate(certificate);
      const bundles = trusted.get(signer) ?? [];
      return !bundles.every((bundle) => bundle.some((ca) => leaf.checkIssued(ca) && leaf.verify(ca.publicKey)));
    })
    .map(({ name }) => name);
}
