import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureFiles, readCapture, type Step, withoutLines } from './replay/capture.ts';
import { GIVEN, type Given } from './replay/given.ts';
import { learnIds, normal } from './replay/normal.ts';
import { openStage, runStep, type Stage } from './replay/replay.ts';
import { runCli } from './replay/run-cli.ts';
import { SERVER_DIFFERENCES } from './replay/server-differences.ts';
import { type Server, startServer } from './support/credplex-process.ts';

const AGAINST_STUB = /^(08|09|11|12)/;

describe('every line recorded against a real server does the same against ours, at level 2', () => {
  let server: Server;
  let stage: Stage;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    server = await startServer(2);
    stage = openStage(new Map());
    await prepare(stage, server);
  });
  afterAll(async () => {
    stage?.remove();
    await server?.stop();
  });

  for (const file of captureFiles().filter((name) => !AGAINST_STUB.test(name))) {
    describe(file, () => {
      if (file.startsWith('07-')) test('finds what the recording found', () => present(stage));
      for (const recorded of readCapture(file)) {
        const step = withoutLines(recorded, GIVEN[recorded.id]?.skipLines ?? 0);
        const reason = SERVER_DIFFERENCES[step.id]?.reason;
        const title = `${step.id} credhub ${step.words.join(' ').slice(0, 70)}`;
        test(reason === undefined ? title : `${title} (differs: ${reason})`, async () => {
          const given = withKeys(GIVEN[step.id]);
          const words = (given.words ?? step.words).map((word) => ids.get(word) ?? word);
          const run = await runStep(stage, step, { ...given, words });
          expectSame(step, run);
          learnIds(ids, step.stdout, run.stdout);
        });
      }
    });
  }
});

async function prepare(stage: Stage, server: Server): Promise<void> {
  const words = ['login', '-s', server.url, '--ca-cert', server.ca, '-u', server.user, '-p', server.password];
  const login = await runCli(words, { env: { HOME: stage.home }, cwd: stage.cwd });
  expect(login).toMatchObject({ stderr: '', exit: 0 });
}

/** What recordings 07 and 07b found on their server without showing how it came there. */
async function present(stage: Stage): Promise<void> {
  const set = async (...words: readonly string[]): Promise<void> => {
    const run = await runCli(['set', '-n', ...words], { env: { HOME: stage.home }, cwd: stage.cwd });
    expect(run).toMatchObject({ stderr: '', exit: 0 });
  };
  await set('/int/pw', '-t', 'password', '-w', 'se cret');
  await set('/int/json', '-t', 'json', '-v', '{"a":{"b":["x","y"],"n":5},"d.ot":1,"s":"str"}');
  await set('/int/num', '-t', 'value', '-v', '42');
  await set('/int/multi', '-t', 'value', '-v', 'l1\\nl2');
  await set('/int/multi2', '-t', 'value', '-v', 'l1\nl2\n');
  await set('/int/Case', '-t', 'password', '-w', 'WfcI3dZHuNaJ5MXtxBe91noXGNF6O4');
  await set('/top', '-t', 'value', '-v', 'topv');
  await runCli(['generate', '-n', '/int/ssh', '-t', 'ssh'], { env: { HOME: stage.home }, cwd: stage.cwd });
}

/** The recorded files were a key pair with its CA; a self-signed certificate stands in for it. */
function withKeys(given: Given | undefined): Given {
  if (given?.files?.['certs/client_cert.pem'] === undefined) return withRealCertificate(given ?? {});
  const file = (name: string): string => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8');
  const certs = {
    'certs/client_cert.pem': file('tls.crt'),
    'certs/client_key.pem': file('tls.key'),
    'certs/client_ca_cert.pem': file('tls.crt'),
  };
  return { ...given, files: { ...given.files, ...certs } };
}

function withRealCertificate(given: Given): Given {
  const pem = readFileSync(new URL('testdata/tls.crt', import.meta.url), 'utf8');
  const words = given.words?.map((word) => (word.startsWith('-----BEGIN CERT') ? pem : word));
  return words === undefined ? given : { ...given, words };
}

function expectSame(step: Step, run: { stdout: string; stderr: string; exit: number }): void {
  const { stdout, stderr, exit, until, exitOnly } = SERVER_DIFFERENCES[step.id] ?? {};
  const expected = {
    stdout: normal(stdout ?? step.stdout),
    stderr: normal(stderr ?? step.stderr),
    exit: exit ?? step.exit,
  };
  if (exitOnly) expect(run.exit).toBe(expected.exit);
  else if (step.exit !== undefined && until === undefined) {
    expect({ stdout: normal(run.stdout), stderr: normal(run.stderr), exit: run.exit }).toEqual(expected);
  }
}
