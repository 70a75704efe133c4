/**
 * RSA key pairs made on libuv's threads, through a queue of our own: at most one job per core and never all of libuv's
 * pool, so that reads, DNS and zlib go on beside a flood of key requests.
 */
import { generateKeyPair } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { type Secret, secret } from '../secret.ts';

export const KEY_LENGTHS = [2048, 3072, 4096] as const;
export const DEFAULT_KEY_LENGTH = 2048;

export interface RsaKeyPair {
  /** SubjectPublicKeyInfo PEM, ending in a newline. */
  readonly publicKey: string;
  /** PKCS#1 PEM (`RSA PRIVATE KEY`), ending in a newline. */
  readonly privateKey: Secret;
}

const poolSize = Number(process.env.UV_THREADPOOL_SIZE) || 4;
const LIMIT = Math.max(1, Math.min(availableParallelism(), poolSize - 1));

const waiting: (() => void)[] = [];
let running = 0;

/** An aborted caller leaves the queue; a job that runs already runs to its end. */
export async function generateRsaKeyPair(bits: number, signal?: AbortSignal): Promise<RsaKeyPair> {
  await enter(signal);
  try {
    return await make(bits);
  } finally {
    running--;
    waiting.shift()?.();
  }
}

function enter(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (running < LIMIT) {
    running++;
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    const start = (): void => {
      running++;
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      waiting.splice(waiting.indexOf(start), 1);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    waiting.push(start);
    signal?.addEventListener('abort', leave, { once: true });
  });
}

function make(bits: number): Promise<RsaKeyPair> {
  return new Promise((resolve, reject) => {
    generateKeyPair(
      'rsa',
      {
        modulusLength: bits,
        publicExponent: 65537,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      },
      (error, publicKey, privateKey) => {
        if (error) reject(error);
        else resolve({ publicKey, privateKey: secret(privateKey) });
      },
    );
  });
}
