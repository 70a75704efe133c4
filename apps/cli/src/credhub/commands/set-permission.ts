import { string } from '@oclif/core/flags';
import { type PermissionBody, printPermission, readPermission, uuidOf } from '../../lib/api/permissions.ts';
import { requirePermissionsApi } from '../../lib/api/server-version.ts';
import { ServerFailure } from '../../lib/failure.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { actor, outputJson, permissionName } from '../common-flags.ts';

export default class SetPermission extends CredhubCommand {
  static override readonly summary = 'Set what an actor may do at a path';
  static override readonly description =
    'Gives an actor exactly these operations at a path; operations given before are replaced.';
  static override readonly examples = ["credhub set-permission -a uaa-client:deployer -p '/deploy/*' -o read,write"];
  static override readonly flags = {
    actor,
    path: permissionName,
    operations: string({
      char: 'o',
      summary: 'Operations, with commas: read, write, delete, read_acl, write_acl',
      required: true,
    }),
    'output-json': outputJson,
  };

  override async run(): Promise<void> {
    await setPermission(await this.open(SetPermission));
  }
}

/**
 * A new permission is added; one that exists gets exactly these operations. The server's version is asked for before
 * each request, as the original does where none is stored.
 */
async function setPermission({ flags, api, host }: Context<typeof SetPermission.flags>): Promise<void> {
  const { actor = '', path = '' } = flags;
  const operations = (flags.operations ?? '').split(',').map((operation) => operation.trim());
  await requirePermissionsApi(api);
  const found = await readPermission(api, actor, path).catch(undefinedIfNotFound);
  await requirePermissionsApi(api);
  // The server knows which operations there are, and names the wrong one.
  const body = { actor, operations: operations as PermissionBody['operations'], path };
  const answer =
    found === undefined
      ? await api.call('POST /api/v2/permissions', { body })
      : await api.call('PUT /api/v2/permissions/{uuid}', { params: { uuid: uuidOf(found) }, body });
  printPermission(host, answer, flags['output-json']);
}

function undefinedIfNotFound(error: unknown): undefined {
  if (error instanceof ServerFailure && error.status === 404) return undefined;
  throw error;
}
