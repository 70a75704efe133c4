/**
 * The closed catalogue of errors that callers can see. The texts and HTTP statuses are in the server
 * (`apps/server/src/credhub/errors.ts`, `apps/server/src/plexsphere/problems.ts`). A new code does not compile until
 * both files map it.
 */

/** Error codes of CredHub's API, named after the keys of CredHub's own catalogue (errors.json) where they exist. */
export const CREDHUB_ERROR_CODES = [
  'bad_request',
  'invalid_json_key', // args: key
  'invalid_type_with_set_prompt',
  'invalid_type_with_generate_prompt',
  'cannot_generate_type',
  'invalid_type_with_regenerate_prompt',
  'invalid_content_type',
  'missing_name',
  'invalid_slash_in_name',
  'invalid_character_in_name',
  'name_has_too_many_characters', // args: limit
  'metadata_has_too_many_characters',
  'missing_value',
  'missing_password',
  'missing_rsa_ssh_parameters',
  'type_mismatch',
  'exceeds_maximum_size',
  'excludes_all_charsets',
  'invalid_key_length',
  'invalid_key_type', // args: types
  'overwrite_and_mode_both_provided',
  'no_certificate_parameters',
  'missing_certificate_parameters',
  'missing_signing_ca',
  'ca_and_self_sign',
  'invalid_alternate_name',
  'invalid_key_usage', // args: value
  'invalid_extended_key_usage', // args: value
  'invalid_duration',
  'invalid_certificate_parameter', // args: field, limit
  'ca_not_found', // Credential.CERTIFICATE_ACCESS, 404
  'cert_not_ca',
  'ca_missing_private_key',
  'missing_certificate_credentials',
  'missing_certificate',
  'invalid_certificate_value',
  'invalid_ca_value',
  'invalid_certificate_length',
  'mixed_ca_name_and_ca',
  'certificate_was_not_signed_by_ca',
  'certificate_was_not_signed_by_ca_name',
  'mismatched_certificate_and_private_key',
  'malformed_private_key_format',
  'malformed_private_key_content',
  'malformed_private_key_type',
  'cannot_regenerate_non_generated_password',
  'cannot_regenerate_non_generated_user',
  'cannot_regenerate_non_generated_certificate',
  'missing_signed_by',
  'credential_not_found', // RESOURCE_NOT_FOUND text, 404: missing, or hidden from the caller
  'credential_not_writable', // the same text with 403
  'missing_query_parameter', // args: name
  'invalid_query_parameter', // args: name
  'cant_use_versions_and_current',
  'too_many_transitional_versions',
  'mismatched_credential_and_version',
  'cannot_delete_last_version',
  'unreadable_certificate',
  'interpolation_invalid_type', // args: name
  'missing_aces',
  'missing_actor',
  'missing_operations',
  'missing_path',
  'invalid_character_in_path',
  'invalid_slash_in_path',
  'invalid_operation',
  'permission_already_exists',
  'permission_does_not_exist', // 404 "The request includes a permission that does not exist."
  'permission_not_found', // Permissions.INVALID_ACCESS, 404
  'wrong_path_and_actor',
  'invalid_update_operation',
  'read_only_mode',
  'invalid_remote_address',
  'encryption_key_missing', // MISSING_ENCRYPTION_KEY, 500
] as const;

/** Error codes of Plexsphere's API, in `Problem.code` (docs/reference/plexsphere-v1.md#problems). */
export const PLEXSPHERE_ERROR_CODES = [
  'unauthenticated',
  'permission_denied',
  'cursor_binding_mismatch',
  'invalid_body',
  'invalid_limit',
  'invalid_cursor',
  'invalid_cloud_id',
  'invalid_cloud',
  'unknown_provider',
  'invalid_cloud_endpoint',
  'invalid_cloud_region_defaults',
  'cloud_not_found',
  'cloud_slug_conflict',
  'cloud_external_id_conflict',
  'invalid_display_name',
  'invalid_payload',
  'invalid_cloud_credential_id',
  'cloud_credential_not_found',
  'invalid_revoke_reason',
  'invalid_check_request',
  'invalid_relation_tuple', // args: why
  'invalid_token_id',
  'invalid_token_request',
  'token_not_found',
  'malformed_request', // invalid HTTP
  'request_timeout',
  'not_implemented', // CONNECT, or a transfer coding other than chunked
  'authz_unavailable', // a relation could not be read, so the request is denied
] as const;

/** Error codes of both APIs. */
export const SHARED_ERROR_CODES = [
  'route_not_found',
  'method_not_allowed',
  'not_acceptable',
  'request_body_too_large',
  'unavailable', // the database did not answer in time
  'vault_unavailable',
  'vault_refused', // the vault rejects requests until an operator fixes its token, policy, mount or configuration
  'vault_conflict',
  'vault_value_missing', // the row names a value that the vault does not have
  'vault_corrupt',
  'internal',
] as const;

export type CredhubErrorCode = (typeof CREDHUB_ERROR_CODES)[number];
export type PlexsphereErrorCode = (typeof PLEXSPHERE_ERROR_CODES)[number];
export type ErrorCode = CredhubErrorCode | PlexsphereErrorCode | (typeof SHARED_ERROR_CODES)[number];

/**
 * The error class of the domain. `args` are inserted into the text and may be sent to the caller. `cause` is only
 * logged. Neither may contain a secret.
 */
export class CredError extends Error {
  override readonly name = 'CredError';
  readonly code: ErrorCode;
  readonly args: Readonly<Record<string, string>>;
  constructor(code: ErrorCode, args: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
    this.args = args;
  }
}
