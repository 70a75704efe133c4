import { permissionPath, printPermission, readPermission } from '../lib/permissions.ts';
import { requirePermissionsApi } from '../lib/server-version.ts';
import type { Context } from './command-definition.ts';
import type { DELETE_PERMISSION_FLAGS } from './flags.ts';

export async function deletePermission({ values, api, host }: Context<typeof DELETE_PERMISSION_FLAGS>): Promise<void> {
  const found = await readPermission(api, values.actor ?? '', values.path ?? '');
  await requirePermissionsApi(api);
  printPermission(host, await api.call({ method: 'DELETE', path: permissionPath(found) }), false);
}
