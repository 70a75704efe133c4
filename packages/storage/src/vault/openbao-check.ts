/**
 * Checks whether OpenBao accepts and returns documents, without writing one. A check of the token alone would report a vault as
 * ready whose mount is missing or whose policy denies every write.
 */
import { NIL_UUID } from '@credplex/core';
import { encodePath, isRecord, type OpenBaoClient } from './openbao-client.ts';
import { isMissingMount, refusal, toVaultError } from './openbao-errors.ts';
import { inspectMount } from './openbao-mount.ts';

/** Less than the timeout of `/v1/health`, so that checks of a hanging vault do not pile up on its connections. */
const CHECK_TIMEOUT_MS = 2_000;

/** Paths of an id that no secret has. */
const SAMPLE_PATHS = [`credhub/${NIL_UUID}`, `clouds/${NIL_UUID}/credentials/${NIL_UUID}`] as const;

function grantsCreateAndRead(capabilities: unknown): boolean {
  return (
    !Array.isArray(capabilities) ||
    capabilities.includes('root') ||
    (capabilities.includes('create') && capabilities.includes('read'))
  );
}

/**
 * Creates the readiness check of OpenBao. It rejects with CredError `vault_unavailable` or `vault_refused`; concurrent calls share
 * one run.
 * @param place the mount, and the path of a document below its `data/`
 */
export function createOpenBaoCheck(
  client: Pick<OpenBaoClient, 'request'>,
  place: { readonly mount: string; readonly pathOf: (ref: { readonly path: string }) => string },
): () => Promise<void> {
  const paths = SAMPLE_PATHS.map((path) => `${place.mount}/data/${place.pathOf({ path })}`);

  /** Reads a path as opening a value does, through server, token, policy, mount and storage. The expected answer is 404. */
  const requireRead = async (signal: AbortSignal): Promise<void> => {
    const answer = await client.request('GET', encodePath(paths[0] ?? ''), { signal });
    if (answer.status === 200) return;
    if (isMissingMount(answer)) throw refusal(`there is no KV-v2 engine at ${place.mount}`);
    if (answer.status !== 404) throw toVaultError('read', answer);
  };

  /** OpenBao's default policy allows this request. A token without it may still write, so a refusal proves nothing. */
  const requireCapabilities = async (signal: AbortSignal): Promise<void> => {
    const answer = await client.request('POST', 'sys/capabilities-self', { body: { paths }, signal, repeatable: true });
    const capabilities = answer.status === 200 && isRecord(answer.json?.data) ? answer.json.data : {};
    const denied = paths.find((path) => !grantsCreateAndRead(capabilities[path]));
    if (denied !== undefined) throw refusal(`create and read at ${denied}: permission denied`);
  };

  /** `bao secrets enable kv` mounts version 1, which accepts paths of version 2 as ordinary keys. */
  const requireVersion2 = async (signal: AbortSignal): Promise<void> => {
    const answer = await client.request('GET', `sys/internal/ui/mounts/${encodePath(place.mount)}`, { signal });
    const mount = answer.status === 200 && isRecord(answer.json?.data) ? answer.json.data : undefined;
    if (mount === undefined) return;
    const version = isRecord(mount.options) ? mount.options.version : undefined;
    if (version !== '2') throw refusal(`the engine at ${place.mount} is not KV-v2`);
  };

  /** An unreadable configuration is no failure: the response to each write shows whether the value will be deleted. */
  const requireRetention = async (signal: AbortSignal): Promise<void> => {
    const { outcome, text } = await inspectMount(client, place.mount, signal);
    if (outcome === 'loses_values') throw refusal(text);
  };

  const runChecks = async (): Promise<void> => {
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    const results = await Promise.allSettled([
      requireRead(signal),
      requireCapabilities(signal),
      requireVersion2(signal),
      requireRetention(signal),
    ]);
    // Several failures are reported in this fixed order.
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  };
  let running: Promise<void> | undefined;
  return () => {
    running ??= runChecks().finally(() => {
      running = undefined;
    });
    return running;
  };
}
