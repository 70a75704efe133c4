import { ServerFailure } from '../lib/failure.ts';
import { record, type Value } from '../lib/format/value.ts';
import { permissionPath, printPermission, readPermission } from '../lib/permissions.ts';
import { requirePermissionsApi } from '../lib/server-version.ts';
import type { Context } from './command-definition.ts';
import type { SET_PERMISSION_FLAGS } from './flags.ts';

/**
 * A new permission is added; one that exists gets exactly these operations. The server's version is asked for before
 * each request, as the original does where none is stored.
 */
export async function setPermission({ values, api, host }: Context<typeof SET_PERMISSION_FLAGS>): Promise<void> {
  const { actor = '', path = '' } = values;
  const operations = (values.operations ?? '').split(',').map((operation) => operation.trim());
  await requirePermissionsApi(api);
  const found = await readPermission(api, actor, path).catch(absent);
  await requirePermissionsApi(api);
  const body = record({ actor, operations, path });
  const answer =
    found === undefined
      ? await api.call({ method: 'POST', path: '/api/v2/permissions', body })
      : await api.call({ method: 'PUT', path: permissionPath(found), body });
  printPermission(host, answer, values.outputJson);
}

function absent(error: unknown): Value | undefined {
  if (error instanceof ServerFailure && error.status === 404) return undefined;
  throw error;
}
