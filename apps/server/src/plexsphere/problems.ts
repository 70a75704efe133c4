/**
 * Maps domain errors to Plexsphere's RFC 9457 problems (docs/reference/plexsphere-v1.md#problems). Exhaustive over the errors that
 * callers can cause. Any other error is `internal` without details, because its text may contain confidential data.
 */
import { type CredError, type CredhubErrorCode, type ErrorCode, PermissionDenied } from '@credplex/core';

type Args = Readonly<Record<string, string>>;
/** `code` when the problem code differs from the domain code. */
interface Row {
  readonly status: number;
  readonly detail: string | ((args: Args) => string);
  readonly code?: string;
}

type PlexsphereCode = Exclude<ErrorCode, CredhubErrorCode>;

function row(status: number, detail: Row['detail'], code?: string): Row {
  return {
    status,
    detail,
    ...(code === undefined ? {} : { code }),
  };
}

function withReason(text: string) {
  return ({ why: reason }: Args): string => (reason === undefined ? `${text}.` : `${text}: ${reason}.`);
}

const INTERNAL = row(500, 'The request could not be completed because of an internal error.', 'internal');
const VAULT_REFUSED = row(
  503,
  'The vault that holds the secret cannot be used until an administrator changes its configuration.',
  'openbao_unavailable',
);
const DENIED = 'The caller does not hold the relation that this operation needs.';

const ROWS: Readonly<Record<PlexsphereCode, Row>> = {
  unauthenticated: row(401, 'The request carries no valid session or API token.'),
  permission_denied: row(403, DENIED),
  cursor_binding_mismatch: row(403, 'The cursor was made for another caller.'),
  invalid_body: row(400, withReason('The request body is not what this operation takes')),
  invalid_limit: row(400, 'The limit must be a whole number from 1 to 200.'),
  invalid_cursor: row(400, 'The cursor is not one that this list gave out.'),
  invalid_cloud_id: row(400, 'The cloud id must be a UUID.'),
  invalid_cloud: row(400, withReason('The cloud is not valid')),
  unknown_provider: row(400, ({ known }) => `The provider is not known; known are ${known ?? 'none'}.`),
  invalid_cloud_endpoint: row(400, withReason('The endpoint is not valid for this provider')),
  invalid_cloud_region_defaults: row(400, withReason('The region defaults are not valid for this provider')),
  cloud_not_found: row(404, 'There is no such cloud.'),
  cloud_slug_conflict: row(409, 'Another cloud has this slug.'),
  cloud_external_id_conflict: row(409, 'Another cloud of this provider has this external id.'),
  invalid_display_name: row(400, 'The display_name must not be blank.'),
  invalid_payload: row(400, 'The payload must not be empty.'),
  invalid_cloud_credential_id: row(400, 'The cloud credential id must be a UUID.'),
  cloud_credential_not_found: row(404, 'There is no such cloud credential.'),
  invalid_revoke_reason: row(400, 'The reason must be 1 to 1024 characters and not blank.'),
  invalid_check_request: row(
    400,
    'The subject and the resource must be written type:id, and the relation must be named.',
  ),
  invalid_relation_tuple: row(400, withReason('The relation is not valid')),
  invalid_token_id: row(400, 'The token id must be a UUID.'),
  invalid_token_request: row(400, withReason('The token request is not valid')),
  token_not_found: row(404, 'The caller has no such token.'),
  authz_unavailable: row(503, 'The decision could not be made. Please retry the request.'),
  route_not_found: row(404, 'There is no such operation.'),
  method_not_allowed: row(405, 'This path does not take this method.'),
  malformed_request: row(400, 'The request is not valid HTTP.'),
  not_implemented: row(501, 'The server takes neither CONNECT nor a transfer coding other than chunked.'),
  request_timeout: row(408, 'The request did not arrive in time.'),
  not_acceptable: row(406, 'The answer is JSON, which the request does not accept.'),
  request_body_too_large: row(
    413,
    'The request body exceeds 8 KiB. Large secrets should be referenced indirectly, not inlined.',
  ),
  unavailable: row(503, 'The datastore is not available. Please retry the request.', 'datastore_unavailable'),
  vault_unavailable: row(
    503,
    ({ vault }) => `${vault ?? 'The vault'} is not available. Please retry the request.`,
    'openbao_unavailable',
  ),
  vault_refused: VAULT_REFUSED,
  vault_conflict: INTERNAL,
  vault_value_missing: INTERNAL,
  vault_corrupt: INTERNAL,
  internal: INTERNAL,
};

function rowOf(code: ErrorCode): [code: string, row: Row] {
  // The storage edge's word for data that cannot be stored.
  if (code === 'bad_request') return ['invalid_body', ROWS.invalid_body];
  // The secret lies in a vault that is not configured here; only an administrator can bring it back.
  if (code === 'encryption_key_missing') return ['openbao_unavailable', VAULT_REFUSED];
  const found = Object.hasOwn(ROWS, code) ? ROWS[code as PlexsphereCode] : INTERNAL;
  return [found.code ?? code, found];
}

/** Tells whether a retry meets the same refusal until an administrator changes something. */
export function needsAdministrator(error: CredError | undefined): boolean {
  return error?.code === 'vault_refused' || error?.code === 'encryption_key_missing';
}

function titleOf(code: string): string {
  return code
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly correlation_id: string;
  readonly reason?: string;
  readonly relation_path?: readonly string[];
}

/**
 * Every 403 carries reason and path, because clients decode it as a denial whatever its code is
 * (docs/reference/plexsphere-v1.md#problems).
 */
function denial(error: CredError | undefined): Pick<Problem, 'reason' | 'relation_path'> {
  return error instanceof PermissionDenied
    ? { reason: error.reason, relation_path: error.relationPath }
    : { reason: 'out_of_scope', relation_path: [] };
}

/** A path as a URI reference (RFC 3986, 4.1): what a client sent may hold characters that a URI cannot. */
function pathReference(path: string): string {
  return path.toWellFormed().replace(/%(?![0-9A-Fa-f]{2})|[^\w.~!$&'()*+,;=:@/%-]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    // Node hands over the bytes of a request target as one character each.
    return code > 0xff ? encodeURIComponent(character) : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

/** `error` undefined: something that is no error of the domain. */
export function problemOf(
  error: CredError | undefined,
  request: { readonly path: string; readonly id: string },
): Problem {
  const [code, { status, detail }] = rowOf(error?.code ?? 'internal');
  return {
    type: `https://plexsphere.com/errors/${code.replaceAll('_', '-')}`,
    title: titleOf(code),
    status,
    detail: typeof detail === 'string' ? detail : detail(error?.args ?? {}),
    instance: pathReference(request.path),
    code,
    correlation_id: request.id,
    ...(status === 403 ? denial(error) : {}),
  };
}
