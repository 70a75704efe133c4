import { printPermission, readPermission } from '../lib/permissions.ts';
import { requirePermissionsApi } from '../lib/server-version.ts';
import type { Context } from './command-definition.ts';
import type { GET_PERMISSION_FLAGS } from './flags.ts';

export async function getPermission({ values, api, host }: Context<typeof GET_PERMISSION_FLAGS>): Promise<void> {
  await requirePermissionsApi(api);
  printPermission(host, await readPermission(api, values.actor ?? '', values.path ?? ''), values.outputJson);
}
