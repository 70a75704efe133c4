import { permissionPath, printPermission, readPermission } from '../lib/permissions.ts';
import { requirePermissionsApi } from '../lib/server-version.ts';
import type { Context } from './command-definition.ts';
import type { DELETE_PERMISSION_FLAGS } from './flags.ts';

/** The server's version is asked for before each request, as the original does where none is stored. */
export async function deletePermission({ values, api, host }: Context<typeof DELETE_PERMISSION_FLAGS>): Promise<void> {
  await requirePermissionsApi(api);
  const found = await readPermission(api, values.actor ?? '', values.path ?? '');
  await requirePermissionsApi(api);
  printPermission(host, await api.call({ method: 'DELETE', path: permissionPath(found) }), false);
}
