import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { freshHome, type Ran, type RunOptions, run } from './plexctl-run.ts';
import { type PlexsphereStub, startStub } from './plexsphere-stub.ts';

export const cloud = '019a9b5e-8c1d-7a2b-9f00-1234567890ab';
export const id = '019a9b60-0c1d-7a2b-9f00-1234567890ab';
export const tokenId = '019a9b5d-0c1d-7a2b-9f00-1234567890ab';
export const token = `psk_dev_${tokenId}_${'A'.repeat(43)}`;
export const credential = {
  id,
  cloud_id: cloud,
  display_name: 'Acme AWS provisioner secret',
  version: 1,
  status: 'active',
  expires_at: '2027-02-20T00:00:00Z',
  created_at: '2026-11-22T00:00:00Z',
  updated_at: '2026-11-22T00:00:00Z',
};

interface StoredConfig {
  readonly default: string;
  readonly profiles: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A home folder and a server for each test of a file. */
export interface Given {
  readonly stub: PlexsphereStub;
  readonly home: string;
  /** Path of the configuration file. */
  readonly config: string;
  stored(): StoredConfig;
  /** Makes the configuration file, whatever its content. */
  writeConfig(content: string): void;
  /** A file in the folder where the commands run. Gives its name. */
  file(name: string, content: string | Buffer, mode?: number): string;
  /** Runs a line, cut at its blanks, or words. */
  plexctl(line: string | readonly string[], options?: RunOptions): Promise<Ran>;
  /** Logs in with the token and forgets the request. */
  logIn(): Promise<void>;
}

export const ADA = '019a9b5d-0c1d-7a2b-9f00-1234567890ab';

export function givenPlexctl(): Given {
  let stub: PlexsphereStub;
  let home: string;
  const self = { principal_type: 'user', principal_scope: 'platform', subject: ADA, amr: ['pwd', 'otp'] };
  beforeEach(async () => {
    stub = await startStub();
    home = freshHome();
    stub.answers.set('GET /v1/auth/whoami', { status: 200, body: self });
  });
  afterEach(() => stub[Symbol.asyncDispose]());
  const given: Given = {
    get stub() {
      return stub;
    },
    get home() {
      return home;
    },
    get config() {
      return join(home, '.config/plexctl/config.json');
    },
    stored: () => JSON.parse(readFileSync(given.config, 'utf8')),
    writeConfig: (content) => {
      mkdirSync(dirname(given.config), { recursive: true });
      writeFileSync(given.config, content);
    },
    file: (name, content, mode = 0o600) => {
      writeFileSync(join(home, name), content, { mode });
      return name;
    },
    plexctl: (line, options = {}) => run(typeof line === 'string' ? line.split(' ') : line, { home, ...options }),
    logIn: async () => {
      given.file('token', `${token}\n`);
      expect((await given.plexctl(`login --server ${stub.url} --token-file token`)).code).toBe(0);
      stub.seen.length = 0;
    },
  };
  return given;
}
