/**
 * CredHub's status and text for every domain error (errors.json of the recorded server). Exhaustive: a missing code does not
 * compile. `422` becomes the status of the level.
 */
import {
  CREDENTIAL_TYPES,
  CredError,
  type CredentialType,
  type ErrorCode,
  GENERATED_TYPES,
  type Level,
  PLEXSPHERE_ERROR_CODES,
  type PlexsphereErrorCode,
  quotedList,
} from '@credplex/core';

type CredhubCode = Exclude<ErrorCode, PlexsphereErrorCode>;
type Args = Readonly<Record<string, string>>;
type Row = readonly [status: number, text: string | ((args: Args) => string)];

const NOT_FOUND =
  'The request could not be completed because the credential does not exist or you do not have sufficient authorization.';
const INTERNAL = 'An application error occurred. Please contact your CredHub administrator.';
const UNAVAILABLE = 'The server is temporarily unavailable. Please retry your request.';
const VAULT_REFUSED =
  'The server cannot use its vault until an administrator changes something. Please contact your CredHub administrator.';
function namesOf(types: readonly CredentialType[]): string {
  return quotedList(types.map(({ name }) => name));
}
const RETRY = 'Please update and retry your request.';
const VALIDATE = 'Please validate your input and retry your request.';

const ROWS: Readonly<Record<CredhubCode, Row>> = {
  bad_request: [
    400,
    'The request could not be fulfilled because the request path or body did not meet expectation. Please check the documentation for required formatting and retry your request.',
  ],
  invalid_json_key: [
    422,
    ({ key }) =>
      `The request includes an unrecognized parameter '${key}'. Please update or remove this parameter and retry your request.`,
  ],
  invalid_type_with_set_prompt: [
    422,
    `The request does not include a valid type. Valid values include ${namesOf(CREDENTIAL_TYPES)}.`,
  ],
  invalid_type_with_generate_prompt: [
    400,
    `The request does not include a valid type. Valid values for generate include ${namesOf(GENERATED_TYPES)}.`,
  ],
  cannot_generate_type: [
    400,
    'Credentials of this type cannot be generated. Please adjust the credential type and retry your request.',
  ],
  invalid_type_with_regenerate_prompt: [
    400,
    `The request does not include a valid type. Valid values for regenerate include ${namesOf(GENERATED_TYPES)}.`,
  ],
  invalid_content_type: [400, 'The provided content type is not supported'],
  missing_name: [400, `A credential name must be provided. ${VALIDATE}`],
  invalid_slash_in_name: [
    400,
    `A credential name cannot end with a '/' character or contain '//'. Credential names should be in the form of /[path]/[name] or [path]/[name]. ${RETRY}`,
  ],
  invalid_character_in_name: [
    400,
    `Credential names may only include alpha, numeric, hyphen, underscore, and forward-slash characters. ${RETRY}`,
  ],
  name_has_too_many_characters: [
    400,
    ({ limit }) => `The request could not be completed. The credential name cannot exceed ${limit} characters`,
  ],
  metadata_has_too_many_characters: [
    400,
    'The request could not be completed. The credential metadata cannot exceed 7000 characters',
  ],
  missing_value: [
    400,
    'A non-empty value must be specified for the credential. Please validate and retry your request.',
  ],
  missing_password: [
    400,
    'A password value must be specified for the credential. Please validate and retry your request.',
  ],
  missing_rsa_ssh_parameters: [400, `At least one key value must be set. ${VALIDATE}`],
  type_mismatch: [
    400,
    'The credential type cannot be modified. Please delete the credential if you wish to create it with a different type.',
  ],
  exceeds_maximum_size: [413, 'Value exceeds the maximum size.'],
  excludes_all_charsets: [400, `The combination of parameters in the request is not allowed. ${VALIDATE}`],
  invalid_key_length: [
    400,
    "The provided key length is not supported. Valid values include '2048', '3072' and '4096'.",
  ],
  // Not in CredHub, which has no key types (docs/reference/divergences.md#certificates).
  invalid_key_type: [400, ({ types }) => `The provided key type is not supported. Valid values include ${types}.`],
  overwrite_and_mode_both_provided: [400, `The parameters overwrite and mode cannot be combined. ${RETRY}`],
  no_certificate_parameters: [400, "This request must include a value for 'parameters'."],
  missing_certificate_parameters: [
    400,
    `At least one subject value, such as common name or organization, must be defined to generate the certificate. ${RETRY}`,
  ],
  missing_signing_ca: [
    400,
    `You must specify a signing CA or indicate self-signing when generating a certificate. ${RETRY}`,
  ],
  ca_and_self_sign: [400, `The parameters 'ca' and 'self-sign' cannot be used in combination. ${RETRY}`],
  invalid_alternate_name: [
    400,
    'A provided alternative name is not a valid hostname or IP address. Please update this value and retry your request.',
  ],
  invalid_key_usage: [
    400,
    ({ value }) =>
      `The provided key usage '${value}' is not supported. Valid values include 'digital_signature', 'non_repudiation', 'key_encipherment', 'data_encipherment', 'key_agreement', 'key_cert_sign', 'crl_sign', 'encipher_only' and 'decipher_only'.`,
  ],
  invalid_extended_key_usage: [
    400,
    ({ value }) =>
      `The provided extended key usage '${value}' is not supported. Valid values include 'client_auth', 'server_auth', 'code_signing', 'email_protection' and 'timestamping'.`,
  ],
  invalid_duration: [
    400,
    'Invalid duration specified. The supported duration values are whole numbers between 1-3650.',
  ],
  invalid_certificate_parameter: [
    400,
    ({ field, limit }) =>
      `The request could not be completed because the ${field} is too long. The max length for ${field} is ${limit} characters.`,
  ],
  ca_not_found: [
    404,
    'The request could not be completed because the CA does not exist or you do not have sufficient authorization.',
  ],
  cert_not_ca: [
    400,
    "The requested certificate cannot be signed by the given CA because the given CA is not a certificate authority. A certificate must contain the extension 'Certificate Authority: YES' to be used to sign other certificates.",
  ],
  ca_missing_private_key: [400, 'The specified CA object does not have an associated private key.'],
  missing_certificate_credentials: [400, `At least one certificate attribute must be set. ${VALIDATE}`],
  missing_certificate: [400, 'You must provide a certificate.'],
  invalid_certificate_value: [400, 'The provided certificate value is not a valid X509 certificate.'],
  invalid_ca_value: [400, 'The provided CA value is not a valid X509 certificate authority.'],
  invalid_certificate_length: [
    400,
    'The provided certificate value is too long. Certificate lengths must be less than 7000 characters.',
  ],
  mixed_ca_name_and_ca: [400, `Only one of the values 'ca_name' and 'ca' may be provided. ${RETRY}`],
  certificate_was_not_signed_by_ca: [
    400,
    "The provided certificate was not signed by the CA specified in the 'ca' property.",
  ],
  certificate_was_not_signed_by_ca_name: [
    400,
    "The provided certificate was not signed by the CA specified in the 'ca_name' property.",
  ],
  mismatched_certificate_and_private_key: [400, 'The provided certificate does not match the private key.'],
  malformed_private_key_format: [
    400,
    'Private key is malformed. Key file is not in PKCS#1 or unencrypted PKCS#8 format',
  ],
  malformed_private_key_content: [
    400,
    'Private key is malformed. Keys must be PEM-encoded PKCS#1 or unencrypted PKCS#8 keys.',
  ],
  malformed_private_key_type: [400, 'Private key is malformed. Key file does not contain an RSA private key'],
  cannot_regenerate_non_generated_password: [
    400,
    'The password could not be regenerated because the value was statically set. Only generated passwords may be regenerated.',
  ],
  cannot_regenerate_non_generated_user: [
    400,
    'The user could not be regenerated because the value was statically set. Only generated users may be regenerated.',
  ],
  cannot_regenerate_non_generated_certificate: [
    400,
    'The credential could not be regenerated because the certificate was statically set and is not self-signed or is invalid.',
  ],
  missing_signed_by: [400, `You must specify a signing CA. ${RETRY}`],
  credential_not_found: [404, NOT_FOUND],
  credential_not_writable: [403, NOT_FOUND],
  missing_query_parameter: [400, ({ name }) => `The query parameter ${name} is required for this request.`],
  invalid_query_parameter: [400, ({ name }) => `The query parameter ${name} was not valid for this request.`],
  cant_use_versions_and_current: [
    400,
    'The query parameters current and versions cannot be provided in the same request.',
  ],
  too_many_transitional_versions: [400, 'The maximum number of transitional versions for a given CA is 1.'],
  mismatched_credential_and_version: [
    400,
    'The request could not be completed because the specified version does not exist or does not belong to the specified credential.',
  ],
  cannot_delete_last_version: [400, 'The minimum number of versions for a Certificate is 1.'],
  unreadable_certificate: [400, 'Unable to parse the certificate.'],
  interpolation_invalid_type: [
    400,
    ({ name }) => `The credential '${name}' is not the expected type. A credhub-ref credential must be of type 'JSON'.`,
  ],
  missing_aces: [400, `At least one access control entry must be provided. ${VALIDATE}`],
  missing_actor: [400, `You must specify an actor. ${VALIDATE}`],
  missing_operations: [400, `At least one operation must be provided. ${VALIDATE}`],
  missing_path: [400, `You must specify a path. ${VALIDATE}`],
  invalid_character_in_path: [
    400,
    `Credential paths may only include alpha, numeric, hyphen, underscore, and forward-slash characters. ${RETRY}`,
  ],
  invalid_slash_in_path: [
    400,
    `A credential path cannot end with a '/' character or contain '//'. Credential paths should be in the form of /[path]/[name] or [path]/[name]. ${RETRY}`,
  ],
  invalid_operation: [
    422,
    'The provided operation is not supported. Valid values include read, write, delete, read_acl, and write_acl.',
  ],
  permission_already_exists: [
    409,
    'A permission entry for this actor and path already exists. Please use PUT to update the permission entry.',
  ],
  permission_does_not_exist: [404, 'The request includes a permission that does not exist.'],
  permission_not_found: [
    404,
    'The request could not be completed because the permission does not exist or you do not have sufficient authorization.',
  ],
  wrong_path_and_actor: [400, 'The permission guid does not match the provided actor and path.'],
  invalid_update_operation: [
    400,
    'Modification of access control for the authenticated user is not allowed. Please contact an administrator.',
  ],
  read_only_mode: [503, 'Service Unavailable. Credhub is currently in read only mode.'],
  invalid_remote_address: [401, 'The request was send from an invalid IP address.'],
  encryption_key_missing: [
    500,
    'The credential could not be accessed with the provided encryption keys. You must update your deployment configuration to continue.',
  ],
  // CredHub answers 500 to an unknown route (docs/reference/divergences.md#http).
  route_not_found: [404, NOT_FOUND],
  method_not_allowed: [404, ''],
  not_acceptable: [406, ''],
  request_body_too_large: [413, 'Value exceeds the maximum size.'],
  unavailable: [503, UNAVAILABLE],
  vault_unavailable: [503, UNAVAILABLE],
  vault_refused: [503, VAULT_REFUSED],
  vault_conflict: [500, INTERNAL],
  vault_value_missing: [500, INTERNAL],
  vault_corrupt: [500, INTERNAL],
  internal: [500, INTERNAL],
};

export interface CredhubError {
  readonly status: number;
  /** Empty for a response without a body. */
  readonly text: string;
}

function isOther(code: ErrorCode): code is PlexsphereErrorCode {
  return (PLEXSPHERE_ERROR_CODES as readonly string[]).includes(code);
}

/**
 * Returns status and text of an error. `routeId` is from the contract: an unknown key of POST /data is 400 at both levels
 * (docs/reference/credhub-server.md#generate). Any error other than a CredError is `internal`, without details.
 */
export function credhubError(error: unknown, level: Level, routeId: string | undefined): CredhubError {
  const code = error instanceof CredError && !isOther(error.code) ? error.code : 'internal';
  const args = error instanceof CredError ? error.args : {};
  const [status, text] = ROWS[code];
  const unprocessable =
    code === 'invalid_json_key' && routeId === 'generateCredential' ? 400 : level.unprocessableStatus;
  return { status: status === 422 ? unprocessable : status, text: typeof text === 'string' ? text : text(args) };
}
