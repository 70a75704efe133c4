import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { removeWorkersState, writeWorkersState } from '../workers/state-file.ts';
import { checkWorkers } from './worker-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'credplex-workers-'));
const config = (env: Record<string, string>) =>
  loadConfig({
    env: { CREDPLEX_DATA_DIR: folder, CREDPLEX_DATABASE_URL: 'postgres://h/d', ...env },
    readFile: () => '',
  });
const finding = (env: Record<string, string>) => checkWorkers(config(env), 4);

test('a server that is one process', () => {
  expect(finding({})).toEqual({
    what: 'workers',
    verdict: 'ok',
    text: 'one process, at most 26 connections to PostgreSQL',
  });
});

test('several workers with the embedded PostgreSQL are a warning', () => {
  const embedded = loadConfig({ env: { CREDPLEX_DATA_DIR: folder, CREDPLEX_WORKERS: '2' }, readFile: () => '' });
  expect(checkWorkers(embedded, 4)).toEqual({
    what: 'workers',
    verdict: 'warn',
    text: 'workers is 2, but the server runs as one process: several need an outside PostgreSQL (database.url)',
  });
});

test('each running worker is named, and one that does not run is a warning', () => {
  const gone = spawnSync('true').pid;
  const here = process.pid;
  const two = { CREDPLEX_WORKERS: '2' };
  const text = '2, at most 26 connections to PostgreSQL';
  expect(finding(two)).toMatchObject({ verdict: 'ok', text: `${text}; none runs` });
  writeWorkersState(folder, {
    supervisor: here,
    workers: [
      { worker: 1, pid: here },
      { worker: 2, pid: here },
    ],
  });
  expect(finding(two)).toMatchObject({
    verdict: 'ok',
    text: `${text}; worker 1 is process ${here}, worker 2 is process ${here}`,
  });
  writeWorkersState(folder, {
    supervisor: here,
    workers: [
      { worker: 1, pid: here },
      { worker: 2, pid: gone },
    ],
  });
  expect(finding(two)).toMatchObject({
    verdict: 'warn',
    text: `${text}; worker 1 is process ${here}, 1 does not run`,
  });
  writeWorkersState(folder, { supervisor: gone, workers: [{ worker: 1, pid: here }] });
  expect(finding(two)).toMatchObject({ verdict: 'ok', text: `${text}; none runs` });
  removeWorkersState(folder);
});

test('settings that a start refuses fail', () => {
  expect(finding({ CREDPLEX_WORKERS: '3', CREDPLEX_DATABASE_MAX_CONNECTIONS: '12' })).toEqual({
    what: 'workers',
    verdict: 'FAIL',
    text: 'workers: 3 workers need at least 18 connections to PostgreSQL (6 each), but database.max_connections is 12',
  });
});
