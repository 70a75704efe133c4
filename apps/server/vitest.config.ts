import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['@credplex/storage/testing/global-setup'],
    isolate: false,
    // On two cores vitest would take one worker; but these tests mostly wait for the processes that they start.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A condition may take its time on a busy machine; the default is one second.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
