import { printPermission, readPermission } from '../../lib/api/permissions.ts';
import { requirePermissionsApi } from '../../lib/api/server-version.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { actor, outputJson, permissionName } from '../common-flags.ts';

export default class GetPermission extends CredhubCommand {
  static override readonly summary = 'Show what an actor may do at a path';
  static override readonly description = 'Shows the permission of an actor at a path.';
  static override readonly examples = ["credhub get-permission -a uaa-client:deployer -p '/deploy/*'"];
  static override readonly flags = {
    actor,
    path: permissionName,
    'output-json': outputJson,
  };

  override async run(): Promise<void> {
    await getPermission(await this.open(GetPermission));
  }
}

async function getPermission({ flags, api, host }: Context<typeof GetPermission.flags>): Promise<void> {
  await requirePermissionsApi(api);
  printPermission(host, await readPermission(api, flags.actor ?? '', flags.path ?? ''), flags['output-json']);
}
