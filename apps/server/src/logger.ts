/**
 * Structured logs. Secrets cannot get in: their type prints `<redacted>`, database errors are unwrapped at the storage
 * edge, and of a request only id, method, path, status and time are written.
 */
import { mapStack } from '@credplex/command-line/source-map';
import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** A disk that is full under the log is no reason to stop serving: what waits is written later, up to a limit. */
function standardOutput(): DestinationStream {
  const stream = destination({ dest: 1, sync: false, maxLength: 16 * 1024 * 1024 });
  let failing = false;
  stream.on('error', () => {
    failing = true;
  });
  stream.on('write', () => {
    failing = false;
  });
  // Else the last lines would be tried again for ever instead of letting the process end.
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

/** Name, message, code and stack of an error and its causes; nothing else that hangs on it (parameters, bodies). */
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
