/** Checks whether a KV-v2 mount retains its values: its configuration can delete versions. */
import { encodePath, isRecord, type OpenBaoClient } from './openbao-client.ts';
import type { RetentionReport } from './remote-vault.ts';

/** Each path is written once, so it needs to retain one version. */
const VERSIONS_PER_PATH = 1;

/** KV-v2 reports a duration such as `3s`; `0s` and negative durations disable the deletion. */
function isDisabled(duration: unknown): boolean {
  return duration === undefined || duration === '' || duration === 0 || /^(?:-.*|0s)$/.test(String(duration));
}

/** Reports whether the configuration of the mount retains values. @throws CredError `vault_unavailable` */
export async function inspectMount(
  client: Pick<OpenBaoClient, 'request'>,
  mount: string,
  signal?: AbortSignal,
): Promise<RetentionReport> {
  const answer = await client.request('GET', `${encodePath(mount)}/config`, signal ? { signal } : {});
  const config = answer.status === 200 && isRecord(answer.json?.data) ? answer.json.data : undefined;
  if (config === undefined) {
    return {
      outcome: 'unreadable',
      text: `${mount}/config cannot be read with this token: whether the mount deletes values by itself is not known`,
    };
  }
  if (!isDisabled(config.delete_version_after)) {
    return {
      outcome: 'loses_values',
      text: `the mount ${mount} deletes values by itself (delete_version_after ${String(config.delete_version_after)}): run bao write ${mount}/config delete_version_after=0s`,
    };
  }
  const versions = config.max_versions;
  if (typeof versions === 'number' && versions !== 0 && versions < VERSIONS_PER_PATH) {
    return {
      outcome: 'loses_values',
      text: `the mount ${mount} keeps no version of a value (max_versions ${versions})`,
    };
  }
  return { outcome: 'keeps_values', text: `${mount} keeps what is written` };
}
