/**
 * Computes the effective configuration: the environment overrides the YAML file, which overrides the defaults. Pure: texts are
 * arguments, and secret files are read by a function of the caller.
 */
import { Secret } from '@credplex/core';
import { VAULTS } from '@credplex/storage/vaults';
import { parseDocument, stringify } from 'yaml';
import type * as z from 'zod';
import { type Config, configSchema } from './config-schema.ts';

export type { Config, ListenAddress } from './config-schema.ts';

/** A setting is unknown or invalid. The message is for the operator: it names the setting and never contains a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file of `--config`: its path for messages, and its text. */
  readonly file?: { readonly path: string; readonly text: string } | undefined;
  /** Reads a file with a secret. Throws the errors of `fs`. */
  readonly readFile: (path: string) => string;
}

type Tree = { [key: string]: unknown };
/** `secret`, `key` and `token` may be read from a file; that of a `token` is read again while the server runs. */
type Kind = 'text' | 'integer' | 'boolean' | 'secret' | 'token' | 'key';
const IN_FILES: readonly Kind[] = ['secret', 'token', 'key'];

/**
 * Each variable and its setting (docs/operate/operations.md#settings). The variable of a secret also exists with the suffix
 * `_FILE`.
 */
const VARIABLES: Readonly<Record<string, readonly [place: string, kind: Kind]>> = {
  CREDPLEX_LEVEL: ['level', 'integer'],
  CREDPLEX_LISTEN: ['listen', 'text'],
  CREDPLEX_PUBLIC_URL: ['public_url', 'text'],
  CREDPLEX_TRUSTED_PROXIES: ['trusted_proxies', 'text'],
  CREDPLEX_DATA_DIR: ['data_dir', 'text'],
  CREDPLEX_WORKERS: ['workers', 'integer'],
  CREDPLEX_DATABASE_URL: ['database.url', 'secret'],
  CREDPLEX_DATABASE_MAX_CONNECTIONS: ['database.max_connections', 'integer'],
  CREDPLEX_VAULT: ['vault.kind', 'text'],
  ...vaultVariables(),
  CREDPLEX_ENCRYPTION_KEY: ['encryption.keys', 'key'],
  CREDPLEX_TLS_CERTIFICATE: ['tls.certificate', 'text'],
  CREDPLEX_TLS_PRIVATE_KEY: ['tls.private_key', 'text'],
  CREDPLEX_TLS_CLIENT_CA: ['tls.client_ca', 'text'],
  CREDPLEX_UAA_URL: ['auth.uaa.url', 'text'],
  CREDPLEX_UAA_INTERNAL_URL: ['auth.uaa.internal_url', 'text'],
  CREDPLEX_UAA_CA: ['auth.uaa.ca', 'text'],
  CREDPLEX_ACLS: ['acls.enabled', 'boolean'],
  CREDPLEX_MANAGEMENT_LISTEN: ['management.listen', 'text'],
  CREDPLEX_MANAGEMENT_LOCAL_ENDPOINT: ['management.local_endpoint', 'boolean'],
  CREDPLEX_FILES_STRICT: ['files.strict', 'boolean'],
  CREDPLEX_AUDIT_FILE: ['audit.file', 'text'],
  CREDPLEX_LOG_LEVEL: ['log.level', 'text'],
};

/** Returns the variables of the vault settings, such as `CREDPLEX_OPENBAO_TOKEN` for `vault.openbao.token`. */
function vaultVariables(): Record<string, readonly [place: string, kind: Kind]> {
  const variables = VAULTS.flatMap(({ kind, configSchema: settings, secrets }) =>
    Object.keys(settings.shape).map((setting) => {
      const name = `CREDPLEX_${kind}_${setting}`.toUpperCase().replaceAll('-', '_');
      const how = secrets[setting];
      const entry: Kind = how === undefined ? 'text' : how === 'reread' ? 'token' : 'secret';
      return [name, [`vault.${kind}.${setting}`, entry] as const] as const;
    }),
  );
  return Object.fromEntries(variables);
}

/** Iterates over the vault secrets in a tree of settings. */
function* vaultSecrets(tree: Tree): Iterable<{ holder: Tree; key: string; setting: string; isReread: boolean }> {
  for (const { kind, secrets } of VAULTS) {
    const holder = isTree(tree.vault) ? tree.vault[kind] : undefined;
    if (!isTree(holder)) continue;
    for (const [key, how] of Object.entries(secrets)) {
      yield { holder, key, setting: `vault.${kind}.${key}`, isReread: how === 'reread' };
    }
  }
}

/** Variables of the command line and of our tests and benchmarks, which are not settings. */
const OTHER_VARIABLES = /^CREDPLEX_(?:CONFIG$|BAO$|TEST_|BENCH_)/;

/**
 * Variables that Kubernetes sets in every container next to a Service named `credplex` (service links and the older Docker links).
 * They are not settings.
 */
const SERVICE_LINKS =
  /^CREDPLEX_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?)?)$/;

/** Name of the encryption key from the environment. */
const ENVIRONMENT_KEY_NAME = 'environment';

/** Matches a PostgreSQL URL with a password, in the user info or in the query. */
const HAS_PASSWORD = /:\/\/[^/@?]*:[^/@?]|[?&]password=/;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setValue(tree: Tree, place: string, value: unknown): void {
  const keys = place.split('.');
  const last = keys.pop() ?? place;
  let at = tree;
  for (const key of keys) {
    const next = at[key];
    if (isTree(next)) at = next;
    else {
      const branch: Tree = {};
      at[key] = branch;
      at = branch;
    }
  }
  at[last] = value;
}

/** The sources, and the secret files found so far. */
interface Loading extends ConfigSources {
  readonly secretFiles: { readonly setting: string; readonly path: string }[];
}

function readText(sources: Loading, setting: string, path: string): string {
  sources.secretFiles.push({ setting, path });
  try {
    return sources.readFile(path).replace(/\r?\n$/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(`${setting}: cannot read the file ${path} (${code})`);
  }
}

function fromVariable(name: string, kind: Kind, text: string): unknown {
  switch (kind) {
    case 'integer':
      return /^\d{1,9}$/.test(text) ? Number(text) : text;
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw new ConfigError(`${name}: must be true or false`);
    case 'key':
      return [{ name: ENVIRONMENT_KEY_NAME, key: text, active: true }];
    default:
      return text;
  }
}

function applyEnvironment(tree: Tree, sources: Loading): Map<string, string> {
  const origin = new Map<string, string>();
  for (const [name, raw] of Object.entries(sources.env)) {
    if (!name.startsWith('CREDPLEX_') || raw === undefined || raw === '') continue;
    if (OTHER_VARIABLES.test(name) || SERVICE_LINKS.test(name)) continue;
    const plain = VARIABLES[name];
    const base = name.endsWith('_FILE') && plain === undefined ? name.slice(0, -'_FILE'.length) : name;
    const entry = VARIABLES[base];
    if (entry === undefined || (base !== name && !IN_FILES.includes(entry[1]))) {
      throw new ConfigError(`${name}: there is no such variable`);
    }
    if (base !== name && sources.env[base]) throw new ConfigError(`${name}: give ${base} or ${name}, not both`);
    const text = base === name ? raw : readText(sources, name, raw);
    const value = entry[1] === 'token' && base !== name ? { file: raw } : fromVariable(name, entry[1], text);
    setValue(tree, entry[0], value);
    origin.set(entry[0], name);
  }
  return origin;
}

/** Replaces secrets of the form `{file: PATH}` by the contents of the file. */
function resolveSecretFiles(tree: Tree, sources: Loading): void {
  const resolve = (holder: unknown, key: string, setting: string) => {
    if (!isTree(holder)) return;
    const value = holder[key];
    if (!isTree(value)) return;
    const { file, ...rest } = value;
    if (typeof file !== 'string' || Object.keys(rest).length > 0) {
      throw new ConfigError(`${setting}: must be a text or {file: PATH}`);
    }
    holder[key] = readText(sources, setting, file);
  };
  resolve(tree.database, 'url', 'database.url');
  for (const { holder, key, setting, isReread } of vaultSecrets(tree)) {
    const value = holder[key];
    if (!isReread) resolve(holder, key, setting);
    // The setting remains a path; reading the file now reports an unreadable one at start.
    else if (isTree(value) && typeof value.file === 'string') readText(sources, setting, value.file);
  }
  const keys = isTree(tree.encryption) ? tree.encryption.keys : undefined;
  if (Array.isArray(keys)) {
    for (const [index, key] of keys.entries()) resolve(key, 'passphrase', `encryption.keys.${index}.passphrase`);
  }
}

/** Returns the settings whose secret is in the settings file itself. */
function inlineSecrets(tree: Tree): string[] {
  const url = isTree(tree.database) ? tree.database.url : undefined;
  const keys = isTree(tree.encryption) && Array.isArray(tree.encryption.keys) ? tree.encryption.keys : [];
  return [
    ...(typeof url === 'string' && HAS_PASSWORD.test(url) ? ['database.url'] : []),
    ...Array.from(vaultSecrets(tree)).flatMap(({ holder, key, setting }) =>
      typeof holder[key] === 'string' ? [setting] : [],
    ),
    ...keys.flatMap((key, index) =>
      isTree(key) && typeof key.passphrase === 'string' ? [`encryption.keys.${index}.passphrase`] : [],
    ),
  ];
}

function parseFile(file: ConfigSources['file']): Tree {
  if (file === undefined) return {};
  let value: unknown;
  try {
    const document = parseDocument(file.text, { uniqueKeys: true });
    // A printed warning would quote its line, which may contain a secret.
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw fault;
    value = document.toJS();
  } catch (error) {
    const line = error instanceof Error ? /at line (\d+), column \d+/.exec(error.message)?.[0] : undefined;
    throw new ConfigError(`${file.path}: is not YAML${line === undefined ? '' : ` (${line})`}`);
  }
  if (value === null || value === undefined) return {};
  if (!isTree(value)) throw new ConfigError(`${file.path}: must hold settings, one key each`);
  return value;
}

function messageOf(issue: z.core.$ZodIssue, origin: ReadonlyMap<string, string>): string {
  const place = issue.path.join('.');
  const name = origin.get(place) ?? [...origin].find(([setting]) => place.startsWith(`${setting}.`))?.[1] ?? place;
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => (place === '' ? key : `${place}.${key}`));
    return `${keys.join(', ')}: there is no such setting`;
  }
  return `${name}: ${issue.message.replace(/^Invalid input: /, '')}`;
}

/** Loads and validates the configuration. @throws ConfigError that names every unknown or invalid setting, one line each */
export function loadConfig(sources: ConfigSources): Config {
  const tree = parseFile(sources.file);
  const settingsFile = sources.file?.path ?? '';
  const inline = inlineSecrets(tree).map((setting) => ({ setting, path: settingsFile }));
  const loading: Loading = { ...sources, secretFiles: inline };
  const origin = applyEnvironment(tree, loading);
  resolveSecretFiles(tree, loading);
  const parsed = configSchema.safeParse(tree);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => messageOf(issue, origin)).join('\n'));
  }
  const { public_url, ...rest } = parsed.data;
  return {
    ...rest,
    public_url: public_url ?? `https://localhost:${rest.listen[0]?.port ?? 8844}`,
    secret_files: loading.secretFiles,
  };
}

/** Returns the effective values as YAML in the format of a configuration file, with secrets as `<redacted>`. */
export function printConfig(config: Config): string {
  const plain = (value: unknown): unknown => {
    if (value instanceof Secret) return '<redacted>';
    if (Array.isArray(value)) return value.map(plain);
    if (!isTree(value)) return value;
    if (typeof value['host'] === 'string' && typeof value['port'] === 'number') {
      return value['host'].includes(':') ? `[${value['host']}]:${value['port']}` : `${value['host']}:${value['port']}`;
    }
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .map(([key, inner]) => [key, plain(inner)]),
    );
  };
  const { secret_files: _, ...settings } = config;
  return stringify(plain(settings));
}
