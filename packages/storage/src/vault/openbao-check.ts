/**
 * Whether OpenBao takes documents and gives them back, found out without writing one. A look at the token alone would
 * call a vault ready whose mount is gone or whose policy lets nothing in.
 */
import { encodePath, isRecord, type OpenBaoClient } from './openbao-client.ts';
import { isMissingMount, refusal, toVaultError } from './openbao-errors.ts';
import { inspectMount } from './openbao-mount.ts';

/** Milliseconds; less than `/v1/health` waits, so that looks at a vault that hangs do not pile up on its connections. */
const CHECK_TIMEOUT_MS = 2_000;

/** The shapes of the paths that are written (docs/reference/storage.md), with an id that no secret has. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';
const SAMPLE_PATHS = [`credhub/${NIL_UUID}`, `clouds/${NIL_UUID}/credentials/${NIL_UUID}`] as const;

function grantsCreateAndRead(capabilities: unknown): boolean {
  return (
    !Array.isArray(capabilities) ||
    capabilities.includes('root') ||
    (capabilities.includes('create') && capabilities.includes('read'))
  );
}

/**
 * @param place where documents lie: the mount, and the path of one below its `data/`
 * @returns a look that rejects with CredError `vault_unavailable` or `vault_refused`; looks at the same time are one
 */
export function createOpenBaoCheck(
  client: Pick<OpenBaoClient, 'request'>,
  place: { readonly mount: string; readonly pathOf: (ref: { readonly path: string }) => string },
): () => Promise<void> {
  const paths = SAMPLE_PATHS.map((path) => `${place.mount}/data/${place.pathOf({ path })}`);

  /** Goes the way that opening goes: server, token, policy, mount and its storage. Nothing there is what should be. */
  const requireRead = async (signal: AbortSignal): Promise<void> => {
    const answer = await client.request('GET', encodePath(paths[0] ?? ''), { signal });
    if (answer.status === 200) return;
    if (isMissingMount(answer)) throw refusal(`there is no KV-v2 engine at ${place.mount}`);
    if (answer.status !== 404) throw toVaultError('read', answer);
  };

  /** The default policy of OpenBao lets every token ask this; one that may not ask may still write, so no answer is none. */
  const requireCapabilities = async (signal: AbortSignal): Promise<void> => {
    const answer = await client.request('POST', 'sys/capabilities-self', { body: { paths }, signal, repeatable: true });
    const capabilities = answer.status === 200 && isRecord(answer.json?.data) ? answer.json.data : {};
    const denied = paths.find((path) => !grantsCreateAndRead(capabilities[path]));
    if (denied !== undefined) throw refusal(`create and read at ${denied}: permission denied`);
  };

  /** `bao secrets enable kv` makes version 1, which takes the paths of version 2 for names of its own. */
  const requireVersion2 = async (signal: AbortSignal): Promise<void> => {
    const answer = await client.request('GET', `sys/internal/ui/mounts/${encodePath(place.mount)}`, { signal });
    const mount = answer.status === 200 && isRecord(answer.json?.data) ? answer.json.data : undefined;
    if (mount === undefined) return;
    const version = isRecord(mount.options) ? mount.options.version : undefined;
    if (version !== '2') throw refusal(`the engine at ${place.mount} is not KV-v2`);
  };

  /** A configuration that may not be read decides nothing: the answer to each write tells whether it will be deleted. */
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
    // Of several reasons the first in this order, whichever came first.
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
