import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { CommandFailure } from '../lib/failure.ts';
import type { Host } from './host.ts';
import { usageFailure } from './usage.ts';

/** A stored login. */
export interface Profile {
  readonly server: string;
  readonly token: string;
  /** PEM text. */
  readonly ca_cert?: string;
  /** Whether login was given the token: others may use it too, so that logout leaves it valid. */
  readonly given?: boolean;
}

/** The configuration file: profiles by name, and the default profile. */
export interface Profiles {
  readonly default: string;
  readonly profiles: ReadonlyMap<string, Profile>;
}

export function configPath(host: Host): string {
  const base = host.env.XDG_CONFIG_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(host.home, '.config'), 'plexctl', 'config.json');
}

/** A missing file is an empty configuration. @throws CommandFailure if it can't be read or isn't ours. */
export function loadProfiles(host: Host): Profiles {
  const path = configPath(host);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return { default: '', profiles: new Map() };
    }
    throw new CommandFailure(`The configuration ${path} can't be read.`, { cause: error });
  }
  try {
    return fromJson(JSON.parse(text));
  } catch (error) {
    throw new CommandFailure(`The configuration ${path} is damaged. Remove it and log in again.`, { cause: error });
  }
}

/** Replaces the file as a whole; it is never readable by others, not even for a moment. */
export function saveProfiles(host: Host, { default: pointer, profiles }: Profiles): void {
  const path = configPath(host);
  const text = `${JSON.stringify({ default: pointer, profiles: Object.fromEntries(profiles) }, undefined, 2)}\n`;
  const fresh = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, text, { mode: 0o600 });
    chmodSync(fresh, 0o600);
    renameSync(fresh, path);
  } catch (error) {
    throw new CommandFailure(`The configuration ${path} can't be written.`, { cause: error });
  }
}

/** Adds or replaces a profile. The first one becomes the default. */
export function withProfile({ default: pointer, profiles }: Profiles, name: string, profile: Profile): Profiles {
  return { default: pointer === '' ? name : pointer, profiles: new Map([...profiles, [name, profile]]) };
}

/** Removes a profile. If it was the default, the first remaining one becomes the default. */
export function withoutProfile({ default: pointer, profiles }: Profiles, name: string): Profiles {
  const left = new Map(profiles);
  left.delete(name);
  return { default: pointer === name ? (left.keys().next().value ?? '') : pointer, profiles: left };
}

export function requireProfileName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw usageFailure(
      'A profile name has 1 to 64 letters, digits, dots, dashes or underscores, and begins with a letter or digit.',
    );
  }
  return name;
}

function fromJson(json: unknown): Profiles {
  if (!isFields(json) || !isFields(json.profiles)) throw new TypeError('no profiles');
  const profiles = new Map<string, Profile>();
  for (const [name, value] of Object.entries(json.profiles)) {
    if (!isFields(value)) throw new TypeError('no profile');
    const { server, token, ca_cert, given } = value;
    if (typeof server !== 'string' || typeof token !== 'string') throw new TypeError('no profile');
    profiles.set(name, {
      server,
      token,
      ...(typeof ca_cert === 'string' ? { ca_cert } : {}),
      ...(given === true ? { given } : {}),
    });
  }
  return { default: typeof json.default === 'string' ? json.default : '', profiles };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
