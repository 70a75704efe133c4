/** Errors in UAA's format: `{"error", "error_description"}`, which the CLI prints as `UAA error: <error> <description>`. */
import type { Context } from 'hono';

type Status = 400 | 401 | 403 | 404 | 405 | 413 | 415 | 503;

export class IssuerError extends Error {
  override readonly name = 'IssuerError';
  readonly status: Status;
  readonly error: string;
  readonly description: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: Status, error: string, description: string, headers: Readonly<Record<string, string>> = {}) {
    super(`${error}: ${description}`);
    this.status = status;
    this.error = error;
    this.description = description;
    this.headers = headers;
  }
}

/** Returns the same error for unknown names and wrong secrets of users and clients. */
export function badCredentials(): IssuerError {
  return new IssuerError(401, 'unauthorized', 'Bad credentials');
}

/** Returns {@link badCredentials} with the challenge that RFC 6749, section 5.2 requires for Basic authentication. */
export function badClient(): IssuerError {
  return new IssuerError(401, 'unauthorized', 'Bad credentials', {
    'WWW-Authenticate': 'Basic realm="UAA/client", error="unauthorized", error_description="Bad credentials"',
  });
}

export function tooManyFailures(seconds: number): IssuerError {
  return new IssuerError(
    401,
    'unauthorized',
    'Your account has been locked because of too many failed attempts to login.',
    {
      'Retry-After': String(seconds),
    },
  );
}

export function invalidRequest(description: string): IssuerError {
  return new IssuerError(400, 'invalid_request', description);
}

export function insufficientScope(scope: string): IssuerError {
  return new IssuerError(403, 'insufficient_scope', 'Insufficient scope for this resource', {
    'WWW-Authenticate': `Bearer realm="oauth", error="insufficient_scope", error_description="Insufficient scope for this resource", scope="${scope}"`,
  });
}

export function invalidToken(description: string): IssuerError {
  return new IssuerError(401, 'invalid_token', description, {
    'WWW-Authenticate': `Bearer realm="UAA/oauth", error="invalid_token", error_description="${description}"`,
  });
}

export function renderIssuerError(context: Context, error: IssuerError): Response {
  return json(context, error.status, { error: error.error, error_description: error.description }, error.headers);
}

/** Responses of the issuer must not be cached (RFC 6749, section 5.1). */
export function json(
  context: Context,
  status: Status | 200,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return context.body(JSON.stringify(body), status, {
    'Content-Type': 'application/json;charset=UTF-8',
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
    ...headers,
  });
}
