import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { unprivilegedRunner } from './unprivileged.ts';

const folder = mkdtempSync(join(tmpdir(), 'credplex-unshare-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('a Ctrl-C that kills the probe does not count as a missing user namespace', () => {
  const script = `#!/bin/sh\nif mkdir ${folder}/asked 2>/dev/null; then kill -INT $$; fi\nexit 0\n`;
  writeFileSync(join(folder, 'unshare'), script, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  const { owner, command } = unprivilegedRunner();
  expect(owner).toBeUndefined();
  // Only root needs unshare.
  expect(command('initdb', [])[0]).toBe(process.getuid?.() === 0 ? 'unshare' : 'initdb');
});
