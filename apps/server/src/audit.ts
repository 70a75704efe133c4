/**
 * CredHub's security log: one CEF line for each authenticated request and each resource that it touched, written after the
 * answer (server-facts 9.4). Unlike the original, every value is escaped. Lines are buffered and written in the background.
 */
import { destination } from 'pino';

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

/** Where lines go; `end` writes what is buffered. */
export interface LineSink {
  write(line: string): void;
  end(): Promise<void>;
}

const header = (text: string): string =>
  /[\\|\r\n]/.test(text) ? text.replace(/[\\|]/g, '\\$&').replace(/[\r\n]+/g, ' ') : text;
const extension = (text: string): string =>
  /[\\=\r\n]/.test(text) ? text.replace(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n') : text;

const NOTHING: readonly TouchedResource[] = [{ name: null, credentialId: null, versionId: null }];

export function cefLines(version: string, request: AuditedRequest): string {
  const { method, resources } = request;
  const title = header(`${method} ${request.path}`);
  const before =
    `CEF:0|cloud_foundry|credhub|${version}|${title}|${title}|0|rt=${request.at.getTime()}` +
    ` suser=${extension(request.userName)} suid=${extension(request.actor)}` +
    ` cs1Label=userAuthenticationMechanism cs1=${request.mechanism}` +
    ` request=${extension(request.pathAndQuery)} requestMethod=${method} cs3Label=versionUuid cs3=`;
  const middle =
    ` cs4Label=httpStatusCode cs4=${request.status} src=${extension(request.source)}` +
    ` dst=${extension(request.destination)} cs2Label=resourceName cs2=`;
  const after =
    ` deviceAction=${request.action ?? 'null'}` +
    (request.details === null ? '' : ` cs6Label=requestDetails cs6=${extension(request.details)}`);
  let lines = '';
  for (const { name, credentialId, versionId } of resources.length === 0 ? NOTHING : resources) {
    lines += `${before}${versionId ?? 'null'}${middle}${extension(name ?? 'null')} cs5Label=resourceUuid cs5=${credentialId ?? 'null'}${after}\n`;
  }
  return lines;
}

/** `file` undefined: stdout. Made with mode 0600 when it does not exist. */
export function openLineSink(file: string | undefined): LineSink {
  const stream = destination({
    dest: file ?? 1,
    sync: false,
    mkdir: file !== undefined,
    mode: 0o600,
    // Lines reach the file at the latest after this, however quiet the server is.
    periodicFlush: 200,
    // Just below what one write takes: a write is a hand-over to another thread.
    minLength: 16_000,
  });
  return {
    write: (line) => {
      stream.write(line);
    },
    end: () =>
      new Promise((resolve) => {
        stream.flush(() => {
          if (file === undefined) return resolve();
          stream.once('close', resolve);
          stream.end();
        });
      }),
  };
}
