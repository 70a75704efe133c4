/** The recorded cases of a server with `certificates.concatenate_cas: false`, on every store and vault. */
import { startOpenBao } from '@credplex/storage/testing';
import { afterAll } from 'vitest';
import { recordingsTests } from './harness/recordings-suite.ts';
import { startServer } from './harness/server.ts';

const settings = { certificates: { concatenate_cas: false } };
const concatenateOff = { concatenateOff: true };

recordingsTests(
  'recordings without concatenation on PostgreSQL',
  () => startServer({ level: 2, settings }),
  concatenateOff,
);

recordingsTests(
  'recordings without concatenation on the embedded store',
  () => startServer({ level: 2, store: 'embedded', settings }),
  concatenateOff,
);

let bao: Awaited<ReturnType<typeof startOpenBao>> | undefined;
afterAll(() => bao?.stop());

recordingsTests(
  'recordings without concatenation with OpenBao as the vault',
  async () => {
    bao = await startOpenBao({ kind: 'dev' });
    const { address, token } = bao;
    return startServer({ level: 2, openbao: { address, token }, settings });
  },
  concatenateOff,
);
