import module from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OperatorCommand } from '../command.ts';

export default class Serve extends OperatorCommand {
  static override readonly summary =
    'Runs the server until Ctrl-C or SIGTERM. Without settings: on https://localhost:8844, data in ./.credplex.';
  static override readonly examples = [
    'credplex serve',
    'credplex serve --config credplex.yml',
    'CREDPLEX_LEVEL=2 credplex serve',
  ];

  override async run(): Promise<void> {
    const { context } = await this.open(Serve);
    const { config, stopRequested, terminal } = context;
    const settings = config();
    const stopping = new AbortController();
    const { signal } = stopping;
    const stop = stopRequested().then(() => stopping.abort());
    const { serve } = await import('../../start/serve.ts');
    const out = (text: string) => terminal.out(text.trimEnd());
    const serving = await serve(settings, { out, stop: signal }).catch((error: unknown) => {
      if (!signal.aborted || error !== signal.reason) throw error;
      return undefined;
    });
    if (serving === undefined) return;
    releaseMemory();
    await stop;
    await serving.close();
  }
}

/**
 * Frees the garbage of loading, a tenth of an idle server's memory. Only a last-resort collection also shrinks
 * the young generation, which has grown to its limit during the start (16 MiB).
 */
function releaseMemory(): void {
  module.flushCompileCache?.();
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
