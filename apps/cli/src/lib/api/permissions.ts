import { listField, record, textField, type Value } from '../format/json-tree.ts';
import type { Host } from '../terminal/host.ts';
import { printValue } from '../terminal/print.ts';
import type { Api } from './api.ts';

/** What one actor may do at one path, as the server answers it; `requirePermissionsApi` comes before. */
export function readPermission(api: Api, actor: string, path: string): Promise<Value> {
  return api.call({ method: 'GET', path: '/api/v2/permissions', query: { actor, path } });
}

/** The path of a stored permission on the server. */
export function permissionPath(permission: Value): string {
  return `/api/v2/permissions/${encodeURIComponent(textField(permission, 'uuid') ?? '')}`;
}

export function printPermission(host: Host, permission: Value, asJson: boolean): void {
  const shown = record({
    actor: textField(permission, 'actor') ?? '',
    operations: listField(permission, 'operations'),
    path: textField(permission, 'path') ?? '',
    uuid: textField(permission, 'uuid') ?? '',
  });
  printValue(host, shown, asJson);
}
