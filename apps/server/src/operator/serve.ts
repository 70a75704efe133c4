/** `credplex serve`. */
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Command } from './command.ts';

export const commands: readonly Command[] = [
  {
    name: 'serve',
    summary:
      'Runs the server until Ctrl-C or SIGTERM. Without settings: on https://localhost:8844, data in ./.credplex.',
    usage: '[--config FILE]',
    positionals: [],
    options: {},
    help: [],
    examples: ['credplex serve', 'credplex serve --config credplex.yml', 'CREDPLEX_LEVEL=2 credplex serve'],
    async run({ config, stopRequested, terminal }) {
      const settings = config();
      const stopping = new AbortController();
      const { signal } = stopping;
      const stop = stopRequested().then(() => stopping.abort());
      const { serve } = await import('../start/serve.ts');
      const out = (text: string) => terminal.out(text.trimEnd());
      const serving = await serve(settings, { out, stop: signal }).catch((error: unknown) => {
        if (!signal.aborted || error !== signal.reason) throw error;
        return undefined;
      });
      if (serving === undefined) return;
      releaseMemory();
      await stop;
      await serving.close();
    },
  },
];

/** What loading left behind is a tenth of an idle server's memory, and V8 is in no hurry to give it back. */
function releaseMemory(): void {
  module.flushCompileCache?.();
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
