/**
 * The vault in OpenBao: KV-v2, one path per secret, written once. The row stores mount, path, version and the storage state
 * (`X-Vault-Index`) of the write (format 2), so that every Credplex server can read the value from a standby immediately.
 */
import { CredError, type SecretRef } from '@credplex/core';
import { createOpenBaoCheck } from './openbao-check.ts';
import { createOpenBaoClient, encodePath, isRecord, type OpenBaoAccess, trimSlashes } from './openbao-client.ts';
import { corrupt, errorTextOf, isMissingMount, refusal, toVaultError, unavailable } from './openbao-errors.ts';
import { inspectMount } from './openbao-mount.ts';
import { OPENBAO_KEY_PREFIX } from './openbao-name.ts';
import { createDocumentReader } from './openbao-read.ts';
import { inspectToken, renewTokenIfDue } from './openbao-token.ts';
import type { RemoteVault, RetentionReport, TokenState } from './remote-vault.ts';

const KV2_FORMAT = 2;

export interface OpenBaoConfig extends OpenBaoAccess {
  readonly mount: string;
  readonly prefix: string;
}

interface SecretLocation {
  readonly mount: string;
  readonly path: string;
  readonly version: number;
  /** `X-Vault-Index` of the write; absent in rows of earlier releases. */
  readonly index?: string | undefined;
}

interface SealedLocation {
  readonly keyId: string;
  readonly format: number;
  readonly bytes: Uint8Array;
}

/** Decodes the location in a row. @throws CredError `vault_corrupt` when it differs from the expected one */
function readLocation(
  ref: SecretRef,
  sealed: SealedLocation,
  expected: Pick<SecretLocation, 'mount' | 'path'>,
): SecretLocation {
  if (sealed.format !== KV2_FORMAT) throw corrupt(ref.path, `unknown format ${sealed.format}`);
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(sealed.bytes).toString());
  } catch {
    throw corrupt(ref.path, 'the row does not name a path');
  }
  const isExpected = isRecord(place) && place.mount === expected.mount && place.path === expected.path;
  if (!isRecord(place) || !isExpected || typeof place.version !== 'number')
    throw corrupt(ref.path, 'the row names another path');
  return {
    ...expected,
    version: place.version,
    index: typeof place.index === 'string' ? place.index : undefined,
  };
}

export interface OpenBaoVault extends RemoteVault {
  /** Reports whether the mount retains its values. @throws CredError `vault_unavailable` */
  inspectRetention(signal?: AbortSignal): Promise<RetentionReport>;
  /** Reports the remaining lifetime of the token. @throws CredError `vault_unavailable`, `vault_refused` (token ended) */
  inspectToken(): Promise<TokenState>;
  /** Reads the token file again and renews the token when that is due. @throws as {@link inspectToken} */
  renewTokenIfDue(): Promise<TokenState>;
}

export function createOpenBaoVault(config: OpenBaoConfig): OpenBaoVault {
  const mount = trimSlashes(config.mount);
  const prefix = trimSlashes(config.prefix);
  const keyId = `${OPENBAO_KEY_PREFIX}${prefix ? `${mount}/${prefix}` : mount}`;
  const client = createOpenBaoClient(config);
  const readDocument = createDocumentReader(client);
  const pathOf = ({ path }: Pick<SecretRef, 'path'>): string => (prefix ? `${prefix}/${path}` : path);
  const apiPath = (kind: 'data' | 'delete' | 'metadata', path: string): string =>
    `${encodePath(mount)}/${kind}/${encodePath(path)}`;

  function locationOf(ref: SecretRef, sealed: SealedLocation): SecretLocation {
    if (sealed.keyId !== keyId) throw new CredError('encryption_key_missing');
    return readLocation(ref, sealed, { mount, path: pathOf(ref) });
  }

  async function destroyPath(path: string): Promise<void> {
    const answer = await client.request('DELETE', apiPath('metadata', path));
    if (answer.status !== 204 && (answer.status !== 404 || isMissingMount(answer)))
      throw toVaultError('metadata delete', answer);
  }

  return {
    remote: true,
    activeKeyId: () => keyId,
    knownKeyIds: () => [keyId],

    async seal(ref, document) {
      const path = pathOf(ref);
      const data = Object.fromEntries(Object.entries(document).map(([name, value]) => [name, value.reveal()]));
      const answer = await client.request('POST', apiPath('data', path), { body: { options: { cas: 0 }, data } });
      if (answer.status === 400 && errorTextOf(answer).includes('check-and-set')) {
        throw new CredError('vault_conflict', {}, { cause: new Error(`OpenBao: ${path} is taken`) });
      }
      const written = isRecord(answer.json?.data) ? answer.json.data : {};
      const { version, deletion_time: deletionTime } = written;
      if (answer.status !== 200 || typeof version !== 'number') throw toVaultError('write', answer);
      if (typeof deletionTime === 'string' && deletionTime !== '') {
        await destroyPath(path).catch(() => {
          // `vault_unavailable` makes the caller leave its intent to the sweep.
          throw unavailable(
            `write: ${path} will be deleted by ${mount} (delete_version_after) and cannot be destroyed now`,
          );
        });
        throw refusal(`write: ${mount} deletes values by itself (delete_version_after)`);
      }
      const place: SecretLocation = { mount, path, version, index: answer.index };
      return { keyId, format: KV2_FORMAT, bytes: Buffer.from(JSON.stringify(place)) };
    },

    async open(ref, sealed) {
      const location = locationOf(ref, sealed);
      return readDocument(`${apiPath('data', location.path)}?version=${location.version}`, location);
    },

    async revoke(ref, sealed) {
      const { path, version } = locationOf(ref, sealed);
      const answer = await client.request('POST', apiPath('delete', path), { body: { versions: [version] } });
      if (answer.status !== 204 && (answer.status !== 404 || isMissingMount(answer)))
        throw toVaultError('delete', answer);
    },

    async destroy(ref, holder = keyId) {
      if (holder !== keyId) throw new CredError('encryption_key_missing');
      await destroyPath(pathOf(ref));
    },

    check: createOpenBaoCheck(client, { mount, pathOf }),
    inspectRetention: (signal) => inspectMount(client, mount, signal),
    inspectToken: () => inspectToken(client),
    renewTokenIfDue: () => renewTokenIfDue(client),
    close: () => client.close(),
  };
}
