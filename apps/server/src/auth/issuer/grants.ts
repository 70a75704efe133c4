/**
 * The three grants of `POST /uaa/oauth/token`. Each gets an authenticated client and returns UAA's response. The rows of client and
 * user are checked again after the token is signed: a password change or a deletion during the check of the secret gives no token. A
 * later change revokes the token by its time of issue.
 */
import { createHash } from 'node:crypto';
import { type AccountRecords, type ClientRow, type Clock, type Entropy, type GrantType, secret } from '@credplex/core';
import { ACCESS_TOKEN_SECONDS, type AccessTokens, type TokenSubject } from './access-tokens.ts';
import { isPlausibleName } from './client-authentication.ts';
import { badCredentials, IssuerError, invalidRequest, invalidToken } from './errors.ts';
import { type Revocations, revocationExpiry } from './revocations.ts';
import type { CheckLogin } from './throttle.ts';

const REFRESH_TOKEN_SECONDS = 30 * 86_400;
/** Two commands of one script may refresh at the same moment. */
const REFRESH_GRACE_SECONDS = 60;

export interface GrantDeps {
  readonly accounts: AccountRecords;
  readonly tokens: AccessTokens;
  readonly checkLogin: CheckLogin;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly revocations: Pick<Revocations, 'add'>;
  /** Called for the log when a refresh token was reused and its login revoked. Contains no token. */
  readonly onReuse: (about: {
    readonly requestId: string;
    readonly clientId: string;
    readonly address: string;
  }) => void;
}

interface GrantRequest {
  readonly client: ClientRow;
  readonly form: URLSearchParams;
  readonly address: string;
  readonly requestId: string;
}

interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'bearer';
  readonly refresh_token?: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
  readonly jti: string;
}

type Grant = (deps: GrantDeps, request: GrantRequest) => Promise<TokenAnswer>;

export const GRANTS: Readonly<Record<GrantType, Grant>> = {
  client_credentials: async (deps, { client, form }) => {
    const token = await issueTokens(deps, {
      clientId: client.id,
      scopes: resolveScopes(form, client.scopes, 'client'),
    });
    if (!(await deps.accounts.isUnchanged({ client }))) throw badCredentials();
    return token;
  },

  password: async (deps, { client, form, address }) => {
    if (form.has('passcode')) {
      throw new IssuerError(401, 'unauthorized', 'Passcodes are not offered here, log in with user name and password');
    }
    const name = form.get('username');
    const password = form.get('password');
    if (name === null || password === null) throw invalidRequest('Required parameter username or password is missing');
    if (!isPlausibleName(name)) throw badCredentials();
    const user = await deps.accounts.userByName(name);
    const login = { account: `user:${name}`, address, secret: secret(password), verifier: user?.verifier };
    if (!(await deps.checkLogin(login)) || user === undefined) throw badCredentials();
    const allowed = user.scopes.filter((scope) => client.scopes.includes(scope));
    const scopes = resolveScopes(form, allowed, 'user');
    const basis = { client, user };
    if (!client.grantTypes.includes('refresh_token')) {
      const token = await issueTokens(deps, { clientId: client.id, scopes, user });
      if (!(await deps.accounts.isUnchanged(basis))) throw badCredentials();
      return token;
    }
    const family = deps.entropy.uuid();
    const refresh = newRefreshToken(deps);
    const token = await issueTokens(deps, { clientId: client.id, scopes, user, session: family }, refresh.token);
    const grant = { family, userId: user.id, clientId: client.id, scopes };
    if (!(await deps.accounts.startRefresh(grant, refresh.stored, deps.clock.now(), basis))) throw badCredentials();
    return token;
  },

  refresh_token: async (deps, { client, form, address, requestId }) => {
    const token = form.get('refresh_token');
    if (token === null || token === '') throw invalidRequest('Required parameter refresh_token is missing');
    const next = newRefreshToken(deps);
    const now = deps.clock.now();
    const result = await deps.accounts.rotateRefresh({
      hash: sha256(token),
      next: next.stored,
      now,
      graceSeconds: REFRESH_GRACE_SECONDS,
      clientId: client.id,
      revocationExpiresAt: revocationExpiry(now),
    });
    if (result.outcome !== 'rotated') {
      if (result.outcome === 'reused') {
        deps.revocations.add(result.revocation);
        deps.onReuse({ requestId, clientId: client.id, address });
      }
      throw invalidToken('The token expired, was revoked, or the token ID is incorrect');
    }
    const { grant } = result;
    const user = await deps.accounts.userById(grant.userId);
    // Scopes that were removed since the login are dropped at the next refresh.
    const allowed = grant.scopes.filter((scope) => user?.scopes.includes(scope) && client.scopes.includes(scope));
    if (user === undefined) throw invalidToken('The token expired, was revoked, or the token ID is incorrect');
    const scopes = resolveScopes(form, allowed, 'user');
    const renewed = await issueTokens(deps, { clientId: client.id, scopes, user, session: grant.family }, next.token);
    if (!(await deps.accounts.isUnchanged({ client, user, family: grant.family }))) {
      throw invalidToken('The token expired, was revoked, or the token ID is incorrect');
    }
    return renewed;
  },
};

async function issueTokens(deps: GrantDeps, subject: TokenSubject, refresh?: string): Promise<TokenAnswer> {
  const { token, claims } = await deps.tokens.issue(subject);
  return {
    access_token: token,
    token_type: 'bearer',
    ...(refresh === undefined ? {} : { refresh_token: refresh }),
    // UAA does not count the second of issue.
    expires_in: ACCESS_TOKEN_SECONDS - 1,
    scope: claims.scope.join(' '),
    jti: claims.jti,
  };
}

/** Returns the requested scopes that are allowed; all allowed ones when none are requested. */
function resolveScopes(form: URLSearchParams, allowed: readonly string[], whose: 'user' | 'client'): readonly string[] {
  const requested = (form.get('scope') ?? '').split(/[\s,]+/).filter((scope) => scope !== '');
  if (requested.length === 0) return allowed;
  const granted = [...new Set(requested)].filter((scope) => allowed.includes(scope));
  if (whose === 'client' && granted.length < new Set(requested).size) {
    throw new IssuerError(400, 'invalid_scope', 'Invalid scope. Send no scope to get all that this client may have.');
  }
  if (granted.length === 0) {
    throw new IssuerError(400, 'invalid_scope', 'This user is not allowed any of the requested scopes');
  }
  return granted;
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

function newRefreshToken({ clock, entropy }: GrantDeps) {
  const token = `${Buffer.from(entropy.bytes(32)).toString('base64url')}-r`;
  const expiresAt = new Date(clock.now().getTime() + REFRESH_TOKEN_SECONDS * 1000);
  return { token, stored: { hash: sha256(token), expiresAt } };
}
