/** The suites that depend on where values and rows lie, on the embedded store, and with OpenBao as the vault. */
import { startOpenBao } from '@credplex/storage/testing';
import { afterAll } from 'vitest';
import { recordingsTests } from './harness/recordings-suite.ts';
import { startServer } from './harness/server.ts';

const SUITES = [
  'access-control',
  'bulk-regenerate',
  'ca-rotation',
  'certificates',
  'delete',
  'edges',
  'find',
  'generate-user',
  'get',
  'interpolate',
  'key-usage',
  'naming',
  'odd-values',
  'other-bodies',
  'permissions-v1',
  'permissions-v2',
  'repeated-parameters',
  'set-common',
  'set-json',
  'set-user',
  'set-value',
  'several-faults',
  'unicode',
];

recordingsTests('recordings on the embedded store', () => startServer({ level: 2, store: 'embedded' }), {
  suites: SUITES,
});

let bao: Awaited<ReturnType<typeof startOpenBao>> | undefined;
afterAll(() => bao?.stop());

recordingsTests(
  'recordings with OpenBao as the vault',
  async () => {
    bao = await startOpenBao({ kind: 'dev' });
    const { address, token } = bao;
    return startServer({ level: 2, openbao: { address, token } });
  },
  { suites: SUITES },
);
