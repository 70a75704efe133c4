import { duration, integer, text, texts, toggle } from './flag-types.ts';

/** Taken before or after the command. */
export const GLOBAL_FLAGS = {
  httpTimeout: duration('--http-timeout', 'Give up on a request after this time; a unit is needed, such as 30s or 1m', {
    env: 'CREDHUB_HTTP_TIMEOUT',
  }),
  version: toggle('--version', 'Show the version of this program and of the targeted server'),
  token: toggle('--token', 'Show the access token of the current login, refreshed'),
  help: toggle('-h, --help', 'Show this help'),
} as const;

const json = toggle('-j, --output-json', 'Print JSON instead of YAML');
const metadata = text('--metadata', '[JSON object] Metadata to store beside the value');
const actor = text('-a, --actor', 'Actor, such as uaa-client:NAME, uaa-user:ID or mtls-app:ID', { required: true });
const permissionPath = text('-p, --path', 'Name of a credential, or a path that ends in /*', { required: true });

const target = {
  server: text('-s, --server', 'Address of the server', { env: 'CREDHUB_SERVER' }),
  caCert: texts('--ca-cert', 'Certificate authority to trust, as file or PEM text; may be given several times', {
    env: 'CREDHUB_CA_CERT',
  }),
  skipTlsValidation: toggle('--skip-tls-validation', "Do not check the server's certificate. Not recommended!"),
};

export const API_FLAGS = target;

export const LOGIN_FLAGS = {
  username: text('-u, --username', 'User to log in as'),
  password: text('-p, --password', 'Password of the user; asked for when it is missing'),
  clientName: text('--client-name', 'Client to log in as', { env: 'CREDHUB_CLIENT' }),
  clientSecret: text('--client-secret', 'Secret of the client', { env: 'CREDHUB_SECRET' }),
  ...target,
  sso: toggle('--sso', 'Ask for a one-time passcode and log in with it'),
  ssoPasscode: text('--sso-passcode', 'One-time passcode to log in with'),
};

export const NO_FLAGS = {};

export const GET_FLAGS = {
  name: text('-n, --name', 'Name of the credential'),
  id: text('--id', 'ID of one version of a credential'),
  versions: integer('--versions', 'Show this many versions, newest first'),
  outputJson: json,
  quiet: toggle('-q, --quiet', 'Print the value alone'),
  key: text('-k, --key', 'Print one field of the value; a.b.0 reaches into nested values'),
};

export const SET_FLAGS = {
  name: text('-n, --name', 'Name of the credential', { required: true }),
  type: text('-t, --type', "Type: 'value', 'json', 'password', 'user', 'certificate', 'ssh' or 'rsa'"),
  value: text('-v, --value', '[Value, JSON] The value'),
  caName: text('-m, --ca-name', '[Certificate] Name of the stored CA that signed the certificate'),
  root: text('-r, --root', '[Certificate] CA certificate, as file or text'),
  certificate: text('-c, --certificate', '[Certificate] Certificate, as file or text'),
  private: text('-p, --private', '[Certificate, SSH, RSA] Private key, as file or text'),
  public: text('-u, --public', '[SSH, RSA] Public key, as file or text'),
  username: text('-z, --username', '[User] User name'),
  password: text('-w, --password', '[Password, User] Password; stands in for --value when the type is value'),
  outputJson: json,
  metadata,
};

export const GENERATE_FLAGS = {
  name: text('-n, --name', 'Name of the credential', { required: true }),
  type: text('-t, --type', "Type: 'password', 'user', 'certificate', 'ssh' or 'rsa'"),
  noOverwrite: toggle('-O, --no-overwrite', 'Keep the value that exists already'),
  outputJson: json,
  username: text('-z, --username', '[User] User name, instead of a generated one'),
  length: integer('-l, --length', '[Password, User] Number of characters (the server takes 30)'),
  includeSpecial: toggle('-S, --include-special', '[Password, User] Use special characters too'),
  excludeNumber: toggle('-N, --exclude-number', '[Password, User] Use no digits'),
  excludeUpper: toggle('-U, --exclude-upper', '[Password, User] Use no upper-case letters'),
  excludeLower: toggle('-L, --exclude-lower', '[Password, User] Use no lower-case letters'),
  sshComment: text('-m, --ssh-comment', '[SSH] Comment at the end of the public key'),
  keyLength: integer('-k, --key-length', '[Certificate, SSH, RSA] Bits of the key (the server takes 2048)'),
  duration: integer('-d, --duration', '[Certificate] Days until it expires (the server takes 365)'),
  commonName: text('-c, --common-name', '[Certificate] Common name'),
  organization: text('-o, --organization', '[Certificate] Organization'),
  organizationUnit: text('-u, --organization-unit', '[Certificate] Organization unit'),
  locality: text('-i, --locality', '[Certificate] Locality or city'),
  state: text('-s, --state', '[Certificate] State or province'),
  country: text('-y, --country', '[Certificate] Country'),
  alternativeName: texts('-a, --alternative-name', '[Certificate] DNS name or address; may be given several times'),
  keyUsage: texts('-g, --key-usage', '[Certificate] Key usage, such as key_encipherment; may be given several times'),
  extKeyUsage: texts('-e, --ext-key-usage', '[Certificate] Extended key usage; may be given several times'),
  ca: text('--ca', '[Certificate] Name of the stored CA that signs'),
  isCa: toggle('--is-ca', '[Certificate] Make a certificate authority'),
  selfSign: toggle('--self-sign', '[Certificate] Sign with its own key'),
  metadata,
};

export const REGENERATE_FLAGS = {
  name: text('-n, --name', 'Name of the credential', { required: true }),
  metadata: text('--metadata', '[JSON object] Metadata to store; without it the stored metadata is kept'),
  outputJson: json,
};

export const BULK_REGENERATE_FLAGS = {
  signedBy: text('--signed-by', 'Name of the CA whose certificates are regenerated', { required: true }),
  outputJson: json,
};

export const DELETE_FLAGS = {
  name: text('-n, --name', 'Name of the credential'),
  path: text('-p, --path', 'Delete every credential below this path'),
  quiet: toggle('-q, --quiet', 'With --path: report only the result'),
};

export const FIND_FLAGS = {
  nameLike: text('-n, --name-like', 'Part of the name'),
  path: text('-p, --path', 'Path that the credentials lie under'),
  allPaths: toggle('-a, --all-paths', 'List the paths instead of the credentials'),
  outputJson: json,
};

export const EXPORT_FLAGS = {
  path: text('-p, --path', 'Path of the credentials; without it all are exported'),
  file: text('-f, --file', 'File to write to'),
  outputJson: json,
};

export const IMPORT_FLAGS = {
  file: text('-f, --file', 'File to read', { required: true }),
  importJson: toggle('-j, --import-json', 'The file is JSON'),
  resume: toggle('--resume', 'Skip what the last run of the same file has set already'),
};

export const INTERPOLATE_FLAGS = {
  file: text('-f, --file', 'Template to fill in'),
  prefix: text('-p, --prefix', "Path put in front of names that do not start with '/'"),
  skipMissing: toggle('-s, --skip-missing', 'Leave placeholders without a credential as they are'),
};

export const CURL_FLAGS = {
  path: text('-p, --path', 'Path on the server, with its query'),
  fail: toggle('-f, --fail', 'Print no body and exit with 22 when the status is 400 or more'),
  method: text('-X', 'HTTP method (default: GET)'),
  data: text('-d', 'JSON object to send'),
  include: toggle('-i', 'Print the status and the headers too'),
};

export const SET_PERMISSION_FLAGS = {
  actor,
  path: permissionPath,
  operations: text('-o, --operations', 'Operations, with commas: read, write, delete, read_acl, write_acl', {
    required: true,
  }),
  outputJson: json,
};

export const GET_PERMISSION_FLAGS = { actor, path: permissionPath, outputJson: json };

export const DELETE_PERMISSION_FLAGS = { actor, path: permissionPath };

export const CERTIFICATES_FLAGS = {
  name: text('-n, --name', 'Only the certificate of this name'),
  expiresWithin: text('--expires-within', 'Only certificates that expire within this many days, such as 30 or 30d'),
  outputJson: json,
};

export const ROTATE_CA_FLAGS = {
  name: text('-n, --name', 'Name of the CA, instead of the argument'),
  step: toggle('--step', 'Take the next step'),
  only: integer('--only', 'With --step: the step to take, 1 to 4; nothing changes when it is done already'),
  status: toggle('--status', 'Show how far the rotation is, and change nothing'),
  outputJson: json,
};
