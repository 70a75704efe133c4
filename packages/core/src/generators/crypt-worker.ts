/** The worker thread of `crypt-pool.ts`. */
import { parentPort } from 'node:worker_threads';
import { sha512Crypt } from './sha512-crypt.ts';

parentPort?.on('message', (job: { password: string; salt: string }) => {
  parentPort?.postMessage(sha512Crypt(job.password, job.salt));
});
