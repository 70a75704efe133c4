import { printPermission, readPermission, uuidOf } from '../../lib/api/permissions.ts';
import { requirePermissionsApi } from '../../lib/api/server-version.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { actor, permissionName } from '../common-flags.ts';

export default class DeletePermission extends CredhubCommand {
  static override readonly summary = 'Delete what an actor may do at a path';
  static override readonly description = 'Deletes the permission of an actor at a path and prints it.';
  static override readonly examples = ["credhub delete-permission -a uaa-client:deployer -p '/deploy/*'"];
  static override readonly flags = {
    actor,
    path: permissionName,
  };

  override async run(): Promise<void> {
    await deletePermission(await this.open(DeletePermission));
  }
}

/** The server's version is asked for before each request, as the original does where none is stored. */
async function deletePermission({ flags, api, host }: Context<typeof DeletePermission.flags>): Promise<void> {
  await requirePermissionsApi(api);
  const found = await readPermission(api, flags.actor ?? '', flags.path ?? '');
  await requirePermissionsApi(api);
  const params = { uuid: uuidOf(found) };
  printPermission(host, await api.call('DELETE /api/v2/permissions/{uuid}', { params }), false);
}
