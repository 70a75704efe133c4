/**
 * Structured logs without secrets: the type of secrets prints `<redacted>`, the storage package unwraps database errors, and of a
 * request only id, method, path, status and time are logged.
 */
import { mapStack } from '@credplex/command-line/source-map';
import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Writes to stdout. While that fails, as on a full disk, lines are queued up to a limit and the server continues. */
export function standardOutput(): DestinationStream {
  const stream = destination({ dest: 1, sync: false, maxLength: 16 * 1024 * 1024 });
  let failing = false;
  stream.on('error', () => {
    failing = true;
  });
  stream.on('write', () => {
    failing = false;
  });
  // Otherwise the stream would retry for ever and keep the process alive.
  process.on('beforeExit', () => failing && stream.destroy());
  return stream;
}

export function createLogger(level: string, stream: DestinationStream = standardOutput()): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields },
    },
    stream,
  );
}

/** Returns name, message, code and stack of an error and its causes, and no other properties such as parameters or bodies. */
function errorFields(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: 'not an error', kind: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return {
    name: error.name,
    message: error.message,
    ...code,
    stack: error.stack && mapStack(error.stack),
    ...(error.cause !== undefined && depth < 4 ? { cause: errorFields(error.cause, depth + 1) } : {}),
  };
}
