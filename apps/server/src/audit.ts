/**
 * CredHub's security log: one CEF line per authenticated request and affected resource, written after the response
 * (docs/reference/credhub-server.md#audit-log). Unlike in CredHub, every value is escaped. Lines are buffered and written in the
 * background.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination } from 'pino';
import { ConfigError } from './config.ts';
import type { Logger } from './logger.ts';

export interface TouchedResource {
  readonly name: string | null;
  readonly credentialId: string | null;
  readonly versionId: string | null;
}

export interface AuditedRequest {
  readonly at: Date;
  readonly method: string;
  /** Raw, as sent. */
  readonly path: string;
  readonly pathAndQuery: string;
  readonly status: number;
  readonly actor: string;
  readonly userName: string;
  readonly mechanism: 'uaa' | 'mutual_tls';
  readonly source: string;
  readonly destination: string;
  readonly action: string | null;
  readonly resources: readonly TouchedResource[];
  /** JSON text. */
  readonly details: string | null;
}

/** The output of the log; `end` flushes the buffer. */
export interface LineSink {
  write(line: string): void;
  end(): Promise<void>;
}

function escapeHeader(text: string): string {
  return /[\\|\r\n]/.test(text) ? text.replace(/[\\|]/g, '\\$&').replace(/[\r\n]+/g, ' ') : text;
}

function escapeExtension(text: string): string {
  return /[\\=\r\n]/.test(text) ? text.replace(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n') : text;
}

const NO_RESOURCE: readonly TouchedResource[] = [{ name: null, credentialId: null, versionId: null }];

export function cefLines(version: string, request: AuditedRequest): string {
  const { method, resources } = request;
  const title = escapeHeader(`${method} ${request.path}`);
  const before =
    `CEF:0|cloud_foundry|credhub|${version}|${title}|${title}|0|rt=${request.at.getTime()}` +
    ` suser=${escapeExtension(request.userName)} suid=${escapeExtension(request.actor)}` +
    ` cs1Label=userAuthenticationMechanism cs1=${request.mechanism}` +
    ` request=${escapeExtension(request.pathAndQuery)} requestMethod=${method} cs3Label=versionUuid cs3=`;
  const middle =
    ` cs4Label=httpStatusCode cs4=${request.status} src=${escapeExtension(request.source)}` +
    ` dst=${escapeExtension(request.destination)} cs2Label=resourceName cs2=`;
  const after =
    ` deviceAction=${request.action ?? 'null'}` +
    (request.details === null ? '' : ` cs6Label=requestDetails cs6=${escapeExtension(request.details)}`);
  let lines = '';
  for (const { name, credentialId, versionId } of resources.length === 0 ? NO_RESOURCE : resources) {
    lines += `${before}${versionId ?? 'null'}${middle}${escapeExtension(name ?? 'null')} cs5Label=resourceUuid cs5=${credentialId ?? 'null'}${after}\n`;
  }
  return lines;
}

/** Each write costs a thread hop, so lines are buffered up to these limits. */
const MAX_BUFFERED = 48 * 1024;
const MAX_DELAY_MS = 200;

/** While the disk is full, up to this many bytes are queued in memory; further lines are dropped and counted. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** A file that cannot be opened at start is a configuration error, unlike a disk that becomes full later. */
function requireWritableFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new ConfigError(`audit.file: cannot write the file ${file} (${code})`);
  }
}

/**
 * Opens the output of audit lines: a file, or the descriptor of an open one. A new file gets mode 0600. When writing fails later,
 * requests continue, because changes are also audited in the database; `log` gets one line when a failure begins and one when it
 * ends. Without `buffered`, lines that were buffered elsewhere are passed on immediately.
 * @throws ConfigError for a file that cannot be opened
 */
export function openLineSink(
  target: string | number,
  log: Pick<Logger, 'error' | 'warn'>,
  { buffered: isBuffered = true }: { readonly buffered?: boolean } = {},
): LineSink {
  const isFile = typeof target === 'string';
  if (isFile) requireWritableFile(target);
  const stream = destination({
    dest: target,
    sync: false,
    mode: 0o600,
    // With 0 the callback of flush would not report errors.
    minLength: 1,
    maxWrite: 64 * 1024,
    maxLength: MAX_QUEUED_BYTES,
  });
  let failing = false;
  let lost = 0;
  let isBroken = false;
  stream.on('error', (err) => {
    // The reader of a pipe is gone; pino turns the methods of such a stream off, `destroy` included.
    if ('code' in err && err.code === 'EPIPE') isBroken = true;
    if (!failing) log.error({ err }, 'audit lines cannot be written; they wait in memory');
    failing = true;
  });
  stream.on('drop', () => {
    lost += 1;
  });
  stream.on('write', () => {
    if (failing) log.warn({ lost }, 'audit lines are written again');
    failing = false;
    lost = 0;
  });
  let buffered = '';
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    // Requests that the stop interrupts end after the file is closed.
    if (buffered !== '' && !hasEnded) stream.write(buffered);
    buffered = '';
  };
  return {
    write(line) {
      buffered += line;
      if (!isBuffered || buffered.length >= MAX_BUFFERED) flush();
      else timer ??= setTimeout(flush, MAX_DELAY_MS).unref();
    },
    end: () =>
      new Promise((resolve) => {
        flush();
        if (isBroken) return resolve();
        stream.flush((error) => {
          if (isBroken || (!isFile && !error)) return resolve();
          hasEnded = true;
          stream.once('close', resolve);
          // Otherwise the stream would retry for ever and keep the process alive.
          if (error) stream.destroy();
          else stream.end();
        });
      }),
  };
}
