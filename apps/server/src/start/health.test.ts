import { describe, expect, test } from 'vitest';
import { checkHealth } from './health.ts';

const answers = async (): Promise<void> => undefined;
const refuses = (): Promise<void> => Promise.reject(new Error('away'));
const hangs = (): Promise<void> => new Promise(() => {});

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
