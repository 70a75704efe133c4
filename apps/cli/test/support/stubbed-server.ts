import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type HttpStub, startHttpStub, type WireAnswer, type WireRequest } from '../replay/http-stub.ts';
import { type CliRun, runCli } from '../replay/run-cli.ts';
import { createSettingsStub, type SettingsStub } from '../replay/settings-stub.ts';

/** Starts a stub of the server and makes a home folder for each test of the file. */
export function useStubbedServer() {
  const server = {} as {
    http: HttpStub;
    stub: SettingsStub;
    /** The requests of the last command. */
    log: WireRequest[];
    home: string;
    override: ((request: WireRequest) => WireAnswer | Promise<WireAnswer> | undefined) | undefined;
  };
  const url = (): string => `http://127.0.0.1:${server.http.port}`;

  beforeEach(async () => {
    server.log = [];
    server.override = undefined;
    server.stub = createSettingsStub(() => `${url()}/uaa`);
    server.http = await startHttpStub((request) => {
      server.log.push(request);
      return server.override?.(request) ?? server.stub.answer(request);
    });
    server.home = mkdtempSync(join(tmpdir(), 'credhub-requests-'));
  });
  afterEach(async () => {
    rmSync(server.home, { recursive: true, force: true });
    await server.http.close();
  });

  const fromEnvironment = (): Record<string, string> => ({
    CREDHUB_SERVER: url(),
    CREDHUB_CLIENT: 'cn',
    CREDHUB_SECRET: 'cs',
  });
  const lines = (): string[] => server.log.map(({ method, target }) => `${method} ${target}`);
  async function run(words: readonly string[], env: Record<string, string> = {}, stdin = ''): Promise<CliRun> {
    server.log = [];
    return runCli(words, { env: { HOME: server.home, ...env }, cwd: server.home, stdin });
  }
  async function logIn(): Promise<void> {
    expect((await run(['login', '-s', url(), '-u', 'me', '-p', 'pw'])).exit).toBe(0);
  }
  const configFile = (): string => join(server.home, '.credhub', 'config.json');
  const stored = (): Record<string, unknown> => JSON.parse(readFileSync(configFile(), 'utf8'));
  return { server, url, fromEnvironment, lines, run, logIn, configFile, stored };
}
