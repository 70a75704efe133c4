import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type HttpStub, startHttpStub, type WireAnswer, type WireRequest } from '../replay/http-stub.ts';
import { type CliRun, type CliSetting, runCli } from '../replay/run-cli.ts';
import { createSettingsStub, type SettingsStub } from '../replay/settings-stub.ts';

/** A home of its own and a stub of a server for each test of `credhub`. */
export interface CliStub {
  readonly url: string;
  readonly home: string;
  /** Requests of the last run. */
  readonly log: readonly WireRequest[];
  /** Answers before the stub's own answers do. */
  override: ((request: WireRequest) => WireAnswer | undefined) | undefined;
  run(words: readonly string[], setting?: Partial<CliSetting>): Promise<CliRun>;
  logIn(): Promise<void>;
  file(name: string, content: string | Uint8Array): void;
  /** The stored configuration. */
  config(): Record<string, unknown>;
}

/** Registers the set-up of {@link CliStub} with the test file that calls it. */
export function givenCliStub(): CliStub {
  let http: HttpStub;
  let stub: SettingsStub;
  let home: string;
  let log: WireRequest[] = [];
  const given: CliStub = {
    override: undefined,
    get url() {
      return `http://127.0.0.1:${http.port}`;
    },
    get home() {
      return home;
    },
    get log() {
      return log;
    },
    run(words, { env = {}, ...setting } = {}) {
      log = [];
      return runCli(words, { ...setting, env: { HOME: home, ...env }, cwd: home });
    },
    async logIn() {
      expect((await given.run(['login', '-s', given.url, '-u', 'me', '-p', 'pw'])).exit).toBe(0);
    },
    file: (name, content) => writeFileSync(join(home, name), content),
    config: () => JSON.parse(readFileSync(join(home, '.credhub', 'config.json'), 'utf8')),
  };
  beforeEach(async () => {
    given.override = undefined;
    stub = createSettingsStub(() => `${given.url}/uaa`);
    http = await startHttpStub((request) => {
      log.push(request);
      return given.override?.(request) ?? stub.answer(request);
    });
    home = mkdtempSync(join(tmpdir(), 'credhub-stub-'));
  });
  afterEach(async () => {
    rmSync(home, { recursive: true, force: true });
    await http.close();
  });
  return given;
}
