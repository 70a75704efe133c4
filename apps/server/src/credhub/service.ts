/** What tells about the server itself (server-facts 1.1). */
import type { CredhubRoutes, TreeHandlers } from '@credplex/contract';
import { CredError, type Credentials, type JsonNode, JsonNumber, JsonObject, type Level } from '@credplex/core';
import type { CredhubContext } from './context.ts';

type ServiceRoute =
  | 'getInfo'
  | 'getHealth'
  | 'getVersion'
  | 'getKeyUsage'
  | 'getManagement'
  | 'setManagement'
  | 'getProtectedResource';
type Handlers = Pick<TreeHandlers<CredhubRoutes, CredhubContext, JsonNode>, ServiceRoute>;

/** Read-only mode: of this process, gone with it. */
export interface ServerMode {
  readOnly: boolean;
}

export interface ServiceDeps {
  readonly credentials: Pick<Credentials, 'keyUsage'>;
  readonly level: Level;
  readonly mode: ServerMode;
  /** Public URL of UAA, as clients reach it; empty without OAuth. */
  readonly authServerUrl: string;
  readonly publicUrl: string;
}

/** The lenient boolean of CredHub's binder (server-facts 8.1); nothing else may stand in the object. */
function readOnlyOf(body: JsonNode): boolean {
  if (!(body instanceof JsonObject)) throw new CredError('bad_request');
  for (const key of body.entries.keys()) {
    if (key !== 'read_only_mode') throw new CredError('invalid_json_key', { key });
  }
  const value = body.entries.get('read_only_mode');
  if (typeof value === 'boolean') return value;
  if (value instanceof JsonNumber && /^-?\d+$/.test(value.text)) return Number(value.text) !== 0;
  const word = typeof value === 'string' ? value.trim() : '';
  if (/^(?:true|True|TRUE)$/.test(word)) return true;
  if (/^(?:false|False|FALSE)$/.test(word)) return false;
  throw new CredError('bad_request');
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
  const refuseStrangers = (context: CredhubContext) => {
    if (!context.local()) throw new CredError('invalid_remote_address');
  };
  const modeText = () => `{"read_only_mode":${mode.readOnly}}`;

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
      refuseStrangers(context);
      return { status: 200, json: modeText() };
    },

    async setManagement({ body, context }) {
      refuseStrangers(context);
      mode.readOnly = readOnlyOf(body);
      return { status: 200, json: modeText() };
    },
  };
}
