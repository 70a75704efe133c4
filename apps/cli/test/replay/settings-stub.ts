import type { WireAnswer, WireRequest } from './http-stub.ts';

/** Rebuilds the stub of recordings 08, 09, 11 and 12 from the settings that they show (`# server: {…}`). */
export interface SettingsStub {
  settings: Readonly<Record<string, unknown>>;
  /** The number in the next token. */
  nextToken: number;
  answer(request: WireRequest): WireAnswer;
}

export function createSettingsStub(authUrl: () => string): SettingsStub {
  const stub: SettingsStub = {
    settings: {},
    nextToken: 1,
    answer: (request) => {
      const [path = ''] = request.target.split('?');
      const own = stub.settings[`${request.method} ${path}`];
      if (Array.isArray(own)) {
        const [status, body] = own as [number, unknown];
        return { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
      }
      const body = usual(stub, request, path, authUrl());
      return body === undefined
        ? { status: 404, body: '{"error":"not found"}' }
        : { status: 200, body: JSON.stringify(body) };
    },
  };
  return stub;
}

const CREDENTIAL = { id: 'i', name: '/x', type: 'value', value: 'v', version_created_at: '2020-01-01T00:00:00Z' };

function usual(stub: SettingsStub, request: WireRequest, path: string, authUrl: string): unknown {
  const { settings } = stub;
  switch (`${request.method} ${path}`) {
    case 'GET /info': {
      const version = settings.infoVersion;
      return { app: { name: 'CredHub', ...(version ? { version } : {}) }, 'auth-server': { url: authUrl } };
    }
    case 'GET /version':
      return { version: settings.version ?? '2.9.9' };
    case 'GET /uaa/info':
      return settings.uaaInfo ?? {};
    case 'POST /uaa/oauth/token':
      return tokens(stub, request.body);
    case 'GET /api/v1/data':
      if (request.target.includes('current=true')) return CREDENTIAL;
      return { credentials: [{ name: '/x', version_created_at: '2020-01-01T00:00:00Z' }] };
    case 'PUT /api/v1/data':
    case 'POST /api/v1/data':
      return CREDENTIAL;
    default:
      return path.startsWith('/api/v2/permissions') || path.startsWith('/uaa/oauth/token/revoke/') ? {} : undefined;
  }
}

function tokens(stub: SettingsStub, form: string): unknown {
  const number = stub.nextToken;
  const payload = Buffer.from(JSON.stringify({ jti: `jti-${number}` })).toString('base64url');
  const access = `eyJhbGciOiJub25lIn0.${payload}.sig`;
  const isClient = form.includes('grant_type=client_credentials');
  return { access_token: access, ...(isClient ? {} : { refresh_token: `refresh-${number}` }), token_type: 'bearer' };
}
