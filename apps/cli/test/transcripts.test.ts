import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureFiles, readCapture, type ShownRequest, type Step, withoutLines } from './replay/capture.ts';
import { DIFFERENCES } from './replay/differences.ts';
import { GIVEN } from './replay/given.ts';
import { type HttpStub, startHttpStub, type WireRequest } from './replay/http-stub.ts';
import { presentCredentials } from './replay/present-credentials.ts';
import { createRecordedServer } from './replay/recorded-server.ts';
import { configOf, openStage, runStep, type Stage, storeLogin } from './replay/replay.ts';
import { createSettingsStub } from './replay/settings-stub.ts';

/** Recordings made against a stub whose settings they show; the others were made against a real server. */
const AGAINST_STUB = /^(08|09|11|12)/;

const TLS = {
  key: readFileSync(new URL('testdata/tls.key', import.meta.url), 'utf8'),
  cert: readFileSync(new URL('testdata/tls.crt', import.meta.url), 'utf8'),
};

describe('every line recorded against a real server prints the same, byte for byte', () => {
  let http: HttpStub;
  let stage: Stage;
  const server = createRecordedServer();

  beforeAll(async () => {
    http = await startHttpStub((request) => server.answer(request));
    stage = openStage(new Map());
    storeLogin(stage, `http://127.0.0.1:${http.port}`);
    presentCredentials(server);
  });
  afterAll(async () => {
    stage.remove();
    await http.close();
  });

  for (const file of captureFiles().filter((name) => !AGAINST_STUB.test(name))) {
    describe(file, () => {
      for (const recorded of readCapture(file)) {
        const step = withoutLines(recorded, GIVEN[recorded.id]?.skipLines ?? 0);
        test(titleOf(step), async () => {
          server.step = step;
          const run = await runStep(stage, step, GIVEN[step.id]);
          expectSame(step, run);
        });
      }
    });
  }
});

for (const file of captureFiles().filter((name) => AGAINST_STUB.test(name))) {
  describe(`${file}: the same output, requests and configuration as recorded`, () => {
    const steps = readCapture(file);
    const stub = createSettingsStub(() => `http://127.0.0.1:${main.port}/uaa`);
    const second = createSettingsStub(() => `http://127.0.0.1:${other.port}/uaa`);
    const third = createSettingsStub(() => `https://localhost:${secure.port}/uaa`);
    let log: WireRequest[] = [];
    let main: HttpStub;
    let other: HttpStub;
    let secure: HttpStub;
    let stage: Stage;

    beforeAll(async () => {
      main = await startHttpStub((request) => {
        log.push(request);
        return stub.answer(request);
      });
      other = await startHttpStub((request) => second.answer(request));
      secure = await startHttpStub((request) => third.answer(request), TLS);
      const ports = [`:${main.port}`, `:${other.port}`, `:${secure.port}`];
      stage = openStage(new Map([':9411', ':9412', ':9100'].map((recorded, index) => [recorded, ports[index] ?? ''])));
    });
    afterAll(async () => {
      stage.remove();
      await Promise.all([main.close(), other.close(), secure.close()]);
    });

    for (const [index, step] of steps.entries()) {
      test(titleOf(step), async () => {
        const given = GIVEN[step.id] ?? {};
        const settings = given.server ?? step.server;
        if (settings !== undefined) stub.settings = JSON.parse(settings);
        stub.nextToken = tokenNumber(steps, index) ?? stub.nextToken;
        log = [];
        const run = await runStep(stage, step, given);
        expectSame(step, run);
        const difference = DIFFERENCES[step.id];
        if (step.requests !== undefined)
          expect(log.map(shown)).toEqual(
            step.requests.map((one) => (file.startsWith('11') ? { ...one, authorized: expect.any(Boolean) } : one)),
          );
        if (step.config !== undefined) expect(configOf(stage)).toBe(difference?.config ?? step.config);
      });
    }
  });
}

function titleOf(step: Step): string {
  const reason = DIFFERENCES[step.id]?.reason;
  return `${step.id} credhub ${step.words.join(' ').slice(0, 70)}${reason === undefined ? '' : ` (differs: ${reason})`}`;
}

function expectSame(step: Step, run: { stdout: string; stderr: string; exit: number }): void {
  const { stdout, stderr, exit, until, spelling = ['', ''] } = DIFFERENCES[step.id] ?? {};
  const expected = {
    stdout: stdout ?? step.stdout,
    stderr: stderr ?? step.stderr.replace(...spelling),
    exit: exit ?? step.exit,
  };
  if (step.exit !== undefined && until === undefined) {
    expect(run).toEqual(expected);
    return;
  }
  // The recording was cut, or goes on in other words: only the beginning counts.
  const start = (text: string): string => (until === undefined ? text.replace(/\n$/, '') : cutAt(text, until));
  expect({
    stdout: run.stdout.slice(0, start(expected.stdout).length),
    stderr: run.stderr.slice(0, start(expected.stderr).length),
  }).toEqual({ stdout: start(expected.stdout), stderr: start(expected.stderr) });
}

function cutAt(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? text : text.slice(0, at);
}

function shown(request: WireRequest): ShownRequest {
  return {
    line: `${request.method} ${request.target}`,
    // Revoking is the one request to the authorization server that carries a token.
    authorized: request.headers.get('authorization')?.startsWith('Bearer ') ?? false,
    body: request.body === '' ? undefined : request.body,
  };
}

/** The number in the token that a step was given, which only shows in what comes after it. */
function tokenNumber(steps: readonly Step[], index: number): number | undefined {
  for (let at = index; at < steps.length; at++) {
    const step = steps[at];
    const requests = (step?.requests ?? []).map(({ line, body }) => `${line} ${body ?? ''}`).join('\n');
    const used = /revoke\/jti-(\d+)|refresh_token=refresh-(\d+)/.exec(requests);
    if (at > index && used) return Number(used[1] ?? used[2]);
    if (at > index && /^(login|--token)$/.test(step?.words[0] ?? '')) return undefined;
    const token = /eyJhbGciOiJub25lIn0\.([\w-]+)\.sig/.exec(`${step?.stdout}${step?.config ?? ''}`)?.[1];
    if (token !== undefined) return Number(/jti-(\d+)/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  }
  return undefined;
}
