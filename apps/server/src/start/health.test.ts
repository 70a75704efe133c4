import { describe, expect, test } from 'vitest';
import { checkHealth } from './health.ts';

async function answers(): Promise<void> {
  return undefined;
}

function refuses(): Promise<void> {
  return Promise.reject(new Error('away'));
}

function hangs(): Promise<void> {
  return new Promise(() => {});
}

describe('the check behind the management /health', () => {
  test('holds while database and vault answer', async () => {
    await checkHealth({ ping: answers, vault: { check: answers } });
  });

  test.each([
    ['the database refuses', refuses, answers],
    ['the vault refuses', answers, refuses],
    ['both refuse', refuses, refuses],
    ['the database hangs', hangs, answers],
    ['the vault hangs', answers, hangs],
  ])('fails when %s', async (_, ping, check) => {
    await expect(checkHealth({ ping, vault: { check } }, 50)).rejects.toThrow();
  });
});
