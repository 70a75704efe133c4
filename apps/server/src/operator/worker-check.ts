import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Config, ConfigError } from '../config.ts';
import { warnOfWorkers } from '../start/ignored-workers.ts';
import { planWorkers } from '../workers/plan.ts';
import { isRunning, readWorkersState } from '../workers/state-file.ts';
import type { Finding } from './finding.ts';

const what = 'workers';

/** Returns how many workers the settings ask for, and which of them run. */
export function checkWorkers(config: Config, cores: number = availableParallelism()): Finding {
  try {
    const { workers, connections } = planWorkers(config, cores);
    const ignored = warnOfWorkers(config);
    if (ignored !== undefined) return { what, verdict: 'warn', text: ignored };
    const shared = `at most ${connections} connections to PostgreSQL`;
    if (workers === 1) return { what, verdict: 'ok', text: `one process, ${shared}` };
    const running = readWorkersState(resolve(config.data_dir))?.workers;
    if (running === undefined) return { what, verdict: 'ok', text: `${workers}, ${shared}; none runs` };
    const alive = running.filter(({ pid }) => isRunning(pid));
    const names = alive.map(({ worker, pid }) => `worker ${worker} is process ${pid}`);
    const missing = workers - alive.length;
    if (missing > 0) names.push(`${missing} ${missing === 1 ? 'does' : 'do'} not run`);
    return { what, verdict: missing > 0 ? 'warn' : 'ok', text: `${workers}, ${shared}; ${names.join(', ')}` };
  } catch (error) {
    if (error instanceof ConfigError) return { what, verdict: 'FAIL', text: error.message };
    throw error;
  }
}
