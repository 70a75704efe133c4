/** The only writer of stdout and `audit.file` of a server with several workers. */
import { openLineSink } from '../audit.ts';
import type { Config } from '../config.ts';
import { createLogger, type Logger, standardOutput } from '../logger.ts';

export interface Output {
  /** Of the supervisor itself, which is worker 0 in the log. */
  readonly logger: Logger;
  /** For lines about a worker. */
  loggerOf(worker: number): Logger;
  writeLog(lines: string): void;
  writeAudit(lines: string): void;
  /** Resolves when `audit.file` has every line. */
  end(): Promise<void>;
}

/** @throws ConfigError for an `audit.file` that cannot be opened */
export function openOutput({ log, audit }: Pick<Config, 'log' | 'audit'>): Output {
  const stdout = standardOutput();
  const root = createLogger(log.level, stdout);
  const logger = root.child({ worker: 0 });
  const writeLog = (lines: string): void => void stdout.write(lines);
  const sink = audit.file === undefined ? undefined : openLineSink(audit.file, logger, { buffered: false });
  return {
    logger,
    loggerOf: (worker) => root.child({ worker }),
    writeLog,
    writeAudit: (lines) => (sink === undefined ? writeLog(lines) : sink.write(lines)),
    end: async () => sink?.end(),
  };
}
