/**
 * The error responses of CredHub's authentication, verbatim (docs/reference/credhub-server.md#token-errors,
 * docs/reference/credhub-server.md#client-certificates).
 */

export type Refusal =
  /** No credentials were sent. */
  | { readonly kind: 'access_denied' }
  /** Makes CredHub's CLI refresh its token. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'invalid_token'; readonly description: string }
  | { readonly kind: 'insufficient_scope' }
  | { readonly kind: 'invalid_identity' }
  | { readonly kind: 'no_client_auth' }
  /** The certificate of the connection has expired since the handshake. */
  | { readonly kind: 'certificate_ended' };

export class AuthRefused extends Error {
  override readonly name = 'AuthRefused';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.kind);
    this.refusal = refusal;
  }
}

export interface RefusalAnswer {
  readonly status: 401 | 403;
  readonly body: Readonly<Record<string, string>> | null;
  readonly contentType: string | undefined;
  readonly challenge: string | undefined;
  /** Whether to close the connection: the client must reconnect with another certificate. */
  readonly closes?: true;
}

const BEARER_ERRORS = 'error_uri="https://tools.ietf.org/html/rfc6750#section-3.1"';
const IDENTITY_TEXTS = {
  invalid_identity:
    'The provided authentication mechanism does not provide a valid identity. Please contact your system administrator.',
  no_client_auth: 'The provided certificate is not authorized to be used for client authentication.',
};

/** Returns the response to a refusal. `publicUrl` has no trailing slash. */
export function refusalAnswer(refusal: Refusal, publicUrl: string): RefusalAnswer {
  const metadata = `resource_metadata="${publicUrl}/.well-known/oauth-protected-resource"`;
  const bearer = (error: string, description: string, parts: readonly string[]): RefusalAnswer => ({
    status: 401,
    body: { error, error_description: description },
    contentType: 'application/json;charset=ISO-8859-1',
    challenge: `Bearer ${parts.join(', ')}`,
  });
  switch (refusal.kind) {
    case 'access_denied':
      return bearer('access_denied', 'Full authentication is required to access this resource', [metadata]);
    case 'expired':
      return bearer('access_token_expired', 'Access token expired', [
        'error="access_token_expired"',
        'error_description="Access token expired"',
        metadata,
      ]);
    case 'invalid_token':
      return bearer('invalid_token', refusal.description, [
        'error="invalid_token"',
        `error_description="${refusal.description}"`,
        BEARER_ERRORS,
        metadata,
      ]);
    case 'insufficient_scope':
      return {
        status: 403,
        body: null,
        contentType: undefined,
        challenge: `Bearer error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token.", ${BEARER_ERRORS}`,
      };
    case 'certificate_ended':
      return { ...refusalAnswer({ kind: 'invalid_identity' }, publicUrl), closes: true };
    case 'invalid_identity':
    case 'no_client_auth':
      return {
        status: 401,
        body: { error: IDENTITY_TEXTS[refusal.kind] },
        // CredHub sends `application;charset=ISO-8859-1`, which is not a media type (docs/reference/divergences.md).
        contentType: 'application/json;charset=ISO-8859-1',
        challenge: undefined,
      };
  }
}
