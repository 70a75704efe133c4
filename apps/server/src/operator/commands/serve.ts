import { availableParallelism } from 'node:os';
import type { Config } from '../../config.ts';
import { releaseMemoryAfterStart } from '../../release-memory.ts';
import type { Serving } from '../../start/serve.ts';
import { planWorkers } from '../../workers/plan.ts';
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
    const out = (text: string) => terminal.out(text.trimEnd());
    const serving = await this.#start(settings, out, signal).catch((error: unknown) => {
      if (!signal.aborted || error !== signal.reason) throw error;
      return undefined;
    });
    if (serving === undefined) return;
    releaseMemoryAfterStart();
    await stop;
    await serving.close();
  }
  async #start(settings: Config, out: (text: string) => void, stop: AbortSignal): Promise<Serving> {
    const plan = planWorkers(settings, availableParallelism());
    if (plan.workers === 1) {
      const { serve } = await import('../../start/serve.ts');
      return serve(settings, { out, stop });
    }
    const { supervise } = await import('../../workers/supervise.ts');
    return supervise(settings, { plan, fork: this.context.forkWorker, out, stop });
  }
}
