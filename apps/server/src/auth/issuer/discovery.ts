/** The public documents of the issuer: info, OpenID configuration and keys. */
import type { PublicSigningKey, SigningKeys } from './signing-keys.ts';

/** The UAA release whose API this follows; cf-uaa-lib and the CLI only check that a version is present. */
const UAA_VERSION = '77.20.0';

/** Returns the document of `GET /info`: links and prompts. No passcode prompt, because there is no single sign-on. */
export function infoDocument(url: string, release: string) {
  return {
    app: { name: 'credplex', version: UAA_VERSION, release },
    links: { uaa: url, login: url },
    zone_name: 'uaa',
    entityID: url,
    prompts: { username: ['text', 'Username'], password: ['password', 'Password'] },
  };
}

export function openidConfiguration(url: string, issuer: string) {
  return {
    issuer,
    token_endpoint: `${url}/oauth/token`,
    jwks_uri: `${url}/token_keys`,
    introspection_endpoint: `${url}/introspect`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256'],
    grant_types_supported: ['password', 'client_credentials', 'refresh_token'],
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['credhub.read', 'credhub.write'],
    claims_supported: ['sub', 'user_name', 'user_id', 'client_id', 'scope', 'aud', 'iss', 'exp', 'iat', 'jti'],
  };
}

function jwk({ kid, pem, n, e }: PublicSigningKey) {
  return { kty: 'RSA', e, use: 'sig', kid, alg: 'RS256', value: pem, n };
}

export async function keysDocument(keys: SigningKeys) {
  return { keys: (await keys.published()).map(jwk) };
}

/** Returns the current signing key only, in UAA's older format. */
export async function keyDocument(keys: SigningKeys) {
  const [current] = await keys.published();
  return current === undefined ? {} : jwk(current);
}
