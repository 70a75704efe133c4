import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Host } from '../terminal/host.ts';
import { withLoginLock } from './login-lock.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'credhub-lock-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
function hostIn(folder: string) {
  return { env: { HOME: folder } } as unknown as Host;
}

describe('the lock on a stored login', () => {
  test('one holder at a time, each in turn', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => withLoginLock(hostIn(home), work)));
    expect(most).toBe(1);
  });

  test('is released when the work fails', async () => {
    const failing = withLoginLock(hostIn(home), () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(existsSync(join(home, '.credhub', 'login.lock'))).toBe(false);
  });

  test('of a command that was killed is taken over', async () => {
    const left = join(home, '.credhub', 'login.lock');
    mkdirSync(left, { recursive: true });
    utimesSync(left, new Date(0), new Date(0));
    expect(await withLoginLock(hostIn(home), async () => 'done')).toBe('done');
  });

  test('where none can be made the work is done without one', async () => {
    expect(await withLoginLock(hostIn('/proc/none'), async () => 'done')).toBe('done');
  });
});
