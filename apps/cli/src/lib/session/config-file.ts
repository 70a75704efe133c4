import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileFailure } from '../files/files.ts';
import type { Host } from '../terminal/host.ts';

/**
 * The configuration file of the command line: `$HOME/.credhub/config.json`
 * (docs/reference/credhub-cli.md#configuration).
 */
export interface Config {
  apiUrl: string;
  authUrl: string;
  accessToken: string;
  refreshToken: string;
  insecureSkipVerify: boolean;
  /** PEM texts, never paths; null when none was ever given. */
  caCerts: readonly string[] | null;
  serverVersion: string;
  /** Nanoseconds; null is the built-in 45 s. */
  httpTimeout: number | null;
}

export const REVOKED = 'revoked';

export function emptyConfig(): Config {
  return {
    apiUrl: '',
    authUrl: '',
    accessToken: '',
    refreshToken: '',
    insecureSkipVerify: false,
    caCerts: null,
    serverVersion: '',
    httpTimeout: null,
  };
}

export function hasToken(config: Config): boolean {
  return config.accessToken !== '' && config.accessToken !== REVOKED;
}

/** Reads the stored configuration. A missing, unreadable or malformed file is treated as empty. */
export function readConfig(host: Host): Config {
  try {
    return parseConfig(JSON.parse(readFileSync(configPath(host), 'utf8')));
  } catch {
    return emptyConfig();
  }
}

/**
 * Field names count in any case. A field of the wrong kind is as if it were not there, and the others count, as with
 * Go's encoding/json; in a list the wrong item is an empty text, and a number that is no integer is 0.
 */
function parseConfig(document: unknown): Config {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return emptyConfig();
  const fields = new Map(Object.entries(document).map(([name, value]) => [name.toLowerCase(), value as unknown]));
  const text = (name: string): string => textOr(fields.get(name));
  const certificates = fields.get('cacerts');
  const timeout = fields.get('httptimeout') ?? null;
  return {
    apiUrl: text('apiurl'),
    authUrl: text('authurl'),
    accessToken: text('accesstoken'),
    refreshToken: text('refreshtoken'),
    insecureSkipVerify: fields.get('insecureskipverify') === true,
    caCerts: Array.isArray(certificates) ? certificates.map(textOr) : null,
    serverVersion: text('serverversion'),
    httpTimeout: timeout === null ? null : Number.isInteger(timeout) ? Number(timeout) : 0,
  };
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * Stores the configuration: one line, fields in a fixed order, folder 0755, file 0600. The file is replaced in one
 * step, because another command may read it at the same time.
 *
 * @throws CommandFailure when the file cannot be written.
 */
export function writeConfig(host: Host, config: Config): void {
  const path = configPath(host);
  try {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o755 });
    const target = realPath(path);
    if (isFolder(target)) throw Object.assign(new Error('folder'), { code: 'EISDIR' });
    const draft = `${target}.${process.pid}`;
    try {
      writeFileSync(draft, render(config), { mode: 0o600 });
      renameSync(draft, target);
    } finally {
      rmSync(draft, { force: true });
    }
  } catch (error) {
    throw fileFailure(path, error, 'open');
  }
}

function render(config: Config): string {
  const document = {
    ApiURL: config.apiUrl,
    AuthURL: config.authUrl,
    AccessToken: config.accessToken,
    RefreshToken: config.refreshToken,
    InsecureSkipVerify: config.insecureSkipVerify,
    CaCerts: config.caCerts,
    ServerVersion: config.serverVersion,
    HttpTimeout: config.httpTimeout,
  };
  // The escapes of Go's encoding/json, for the sake of the same bytes.
  return JSON.stringify(document).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function configPath(host: Host): string {
  return join(configFolder(host), 'config.json');
}

/** Returns the folder of configuration and other stored state. */
export function configFolder(host: Host): string {
  return join(homeOf(host), '.credhub');
}

function homeOf({ env }: Host): string {
  if (process.platform !== 'win32') return env.HOME ?? '';
  return `${env.HOMEDRIVE ?? ''}${env.HOMEPATH ?? ''}` || (env.USERPROFILE ?? '');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
