/** Handles the endpoints about the server itself (docs/reference/credhub-server.md#service-endpoints). */
import type { CredhubRoutes, TreeHandlers } from '@credplex/contract';
import {
  CredError,
  type Credentials,
  type JsonNode,
  type Level,
  objectOf,
  REQUEST_FIELDS,
  readFields,
} from '@credplex/core';
import type { CredhubContext } from './context.ts';
import type { ServerMode } from './server-mode.ts';

type ServiceRoute =
  | 'getInfo'
  | 'getHealth'
  | 'getVersion'
  | 'getKeyUsage'
  | 'getManagement'
  | 'setManagement'
  | 'getProtectedResource';
type Handlers = Pick<TreeHandlers<CredhubRoutes, CredhubContext, JsonNode>, ServiceRoute>;

export interface ServiceDeps {
  readonly credentials: Pick<Credentials, 'keyUsage'>;
  readonly level: Level;
  readonly mode: ServerMode;
  /** Public URL of UAA; empty without OAuth. */
  readonly authServerUrl: string;
  readonly publicUrl: string;
}

function readOnlyOf(body: JsonNode): boolean {
  const { read_only_mode: readOnly } = readFields(objectOf(body), REQUEST_FIELDS.setManagement);
  if (readOnly === undefined) throw new CredError('bad_request');
  return readOnly;
}

export function serviceHandlers(deps: ServiceDeps): Handlers {
  const { level, mode } = deps;
  const info = JSON.stringify({
    'auth-server': { url: deps.authServerUrl },
    app: { name: 'CredHub', ...(level.infoShowsVersion ? { version: level.reportedVersion } : {}) },
  });
  const resource = JSON.stringify({
    resource: deps.publicUrl,
    bearer_methods_supported: ['header'],
    tls_client_certificate_bound_access_tokens: true,
  });
  const requireLocal = (context: CredhubContext) => {
    if (!context.local()) throw new CredError('invalid_remote_address');
  };
  const modeText = (readOnly: boolean) => `{"read_only_mode":${readOnly}}`;

  return {
    getInfo: async () => ({ status: 200, json: info }),
    getHealth: async () => ({ status: 200, json: '{"status":"UP"}' }),
    getVersion: async () => ({ status: 200, json: `{"version":"${level.reportedVersion}"}` }),
    getProtectedResource: async () => ({ status: 200, json: resource }),

    async getKeyUsage() {
      const { activeKey, inactiveKeys, unknownKeys } = await deps.credentials.keyUsage();
      const json = `{"active_key":${activeKey},"inactive_keys":${inactiveKeys},"unknown_keys":${unknownKeys}}`;
      return { status: 200, json };
    },

    async getManagement({ context }) {
      requireLocal(context);
      return { status: 200, json: modeText(mode.readOnly) };
    },

    async setManagement({ body, context }) {
      requireLocal(context);
      const readOnly = readOnlyOf(body);
      await mode.setReadOnly(readOnly);
      return { status: 200, json: modeText(readOnly) };
    },
  };
}
