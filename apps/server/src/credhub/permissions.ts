/**
 * Handles `/api/v1/permissions` (docs/reference/credhub-server.md#permissions-v1-endpoints) and `/api/v2/permissions`
 * (docs/reference/credhub-server.md#permissions-v2-endpoints).
 */
import type { CredhubRoutes, TextReply, TreeHandlers } from '@credplex/contract';
import type { JsonNode, Level, PermissionRow, Permissions } from '@credplex/core';
import type { CredhubContext, Trace } from './context.ts';
import { credentialPermissionsJson, permissionText } from './view.ts';

type PermissionRoute =
  | 'listPermissionsV1'
  | 'addPermissionsV1'
  | 'deletePermissionV1'
  | 'createPermission'
  | 'findPermission'
  | 'getPermission'
  | 'putPermission'
  | 'patchPermission'
  | 'deletePermission';
type Handlers = Pick<TreeHandlers<CredhubRoutes, CredhubContext, JsonNode>, PermissionRoute>;

function record(trace: Trace, rows: readonly PermissionRow[]): void {
  trace.resources = rows.map(({ path, uuid }) => ({ name: path, credentialId: uuid, versionId: null }));
  const [row] = rows;
  if (row !== undefined) {
    trace.details = { path: row.path, actor: row.actor, operations: row.operations, action: trace.action };
  }
}

export function permissionHandlers({ permissions, level }: { permissions: Permissions; level: Level }): Handlers {
  const ofPath = level.permissionsV1 === 'of_path';
  const answer = (trace: Trace, status: number, row: PermissionRow): TextReply => {
    record(trace, [row]);
    return { status, json: permissionText(row) };
  };

  return {
    async listPermissionsV1({ query, context }) {
      context.trace.action = 'GET_PERMISSIONS';
      const listed = await permissions.listV1(context.caller(), query.credential_name);
      record(context.trace, listed.permissions);
      return { status: 200, json: credentialPermissionsJson(listed, ofPath) };
    },

    async addPermissionsV1({ body, context }) {
      context.trace.action = 'ADD_PERMISSIONS';
      const listed = await permissions.addV1(context.caller(), body);
      record(context.trace, listed.permissions);
      return { status: 201, json: ofPath ? null : credentialPermissionsJson(listed, false) };
    },

    async deletePermissionV1({ query, context }) {
      context.trace.action = 'DELETE_PERMISSIONS';
      const { credential_name: credentialName, actor } = query;
      record(context.trace, [await permissions.deleteV1(context.caller(), { credentialName, actor })]);
      return { status: 204, json: null };
    },

    async createPermission({ body, context }) {
      context.trace.action = 'ADD_PERMISSIONS';
      return answer(context.trace, 201, await permissions.create(context.caller(), body));
    },

    async findPermission({ query, context }) {
      return answer(context.trace, 200, await permissions.find(context.caller(), query));
    },

    async getPermission({ params, context }) {
      return answer(context.trace, 200, await permissions.get(context.caller(), params.uuid));
    },

    async putPermission({ params, body, context }) {
      context.trace.action = 'PUT_PERMISSIONS';
      return answer(context.trace, 200, await permissions.put(context.caller(), params.uuid, body));
    },

    async patchPermission({ params, body, context }) {
      context.trace.action = 'PATCH_PERMISSIONS';
      return answer(context.trace, 200, await permissions.patch(context.caller(), params.uuid, body));
    },

    async deletePermission({ params, context }) {
      context.trace.action = 'DELETE_PERMISSIONS';
      return answer(context.trace, 200, await permissions.delete(context.caller(), params.uuid));
    },
  };
}
