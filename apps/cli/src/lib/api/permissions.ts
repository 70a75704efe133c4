import type { CredhubRoutes } from '@credplex/contract';
import type { AnswerBody, RequestBody } from '@credplex/contract/client';
import { type Document, listOf, textOf } from '../format/document.ts';
import { record } from '../format/json-tree.ts';
import type { Host } from '../terminal/host.ts';
import { printValue } from '../terminal/print.ts';
import type { Api } from './api.ts';

export type Permission = Document<AnswerBody<CredhubRoutes, 'GET /api/v2/permissions'>>;
export type PermissionBody = RequestBody<CredhubRoutes, 'POST /api/v2/permissions'>;

/** Reads the permission of an actor at a path. Call `requirePermissionsApi` first. */
export function readPermission(api: Api, actor: string, path: string): Promise<Permission> {
  return api.call('GET /api/v2/permissions', { query: { actor, path } });
}

/** Returns the id of a stored permission on the server. */
export function uuidOf(permission: Permission): string {
  return textOf(permission, 'uuid') ?? '';
}

export function printPermission(host: Host, permission: Permission, asJson: boolean): void {
  const shown = record({
    actor: textOf(permission, 'actor') ?? '',
    operations: listOf(permission, 'operations'),
    path: textOf(permission, 'path') ?? '',
    uuid: textOf(permission, 'uuid') ?? '',
  });
  printValue(host, shown, asJson);
}
