import { parse as parseYaml } from 'yaml';
import type { Step } from './capture.ts';
import type { WireAnswer, WireRequest } from './http-stub.ts';

interface Stored {
  [field: string]: unknown;
  id: string;
  name: string;
  type: string;
  value: unknown;
  version_created_at: string;
}

/**
 * Plays the CredHub 2.15 of the recordings: what it answers to a step is taken from what the step printed, and what
 * the recording does not print (values behind `<redacted>`) from what was sent or is printed later.
 */
export interface RecordedServer {
  step: Step | undefined;
  answer(request: WireRequest): WireAnswer;
  /** Puts a credential there that the recording supposes. */
  add(name: string, type: string, value: unknown): void;
}

const NOT_FOUND =
  'The request could not be completed because the credential does not exist or you do not have sufficient authorization.';

export function createRecordedServer(): RecordedServer {
  const versions = new Map<string, Stored[]>();
  const key = (name: string): string => name.replace(/^\/?/, '/').toLowerCase();
  const newest = (name: string): Stored | undefined => versions.get(key(name))?.[0];
  const keep = (stored: Stored): void => {
    versions.set(key(stored.name), [stored, ...(versions.get(key(stored.name)) ?? [])]);
  };
  const server: RecordedServer = {
    step: undefined,
    add: (name, type, value) => keep(made(name, type, value)),
    answer: (request) => {
      const { step } = server;
      if (step === undefined) return json(200, {});
      const url = new URL(request.target, 'http://stub');
      if (step.words[0] === 'curl') return curlAnswer(step, request, server);
      if (step.words[0] === 'import') return importAnswer(step, request, keep);
      const refusal = refusalIn(step);
      if (refusal !== undefined && request.method + url.pathname !== 'GET/api/v2/permissions') return refusal;
      if (url.pathname === '/api/v2/permissions' || url.pathname.startsWith('/api/v2/permissions/')) {
        return permissionAnswer(step, request);
      }
      if (url.pathname === '/api/v1/bulk-regenerate') return json(200, printed(step));
      if (url.pathname === '/api/v1/certificates/') return certificateAnswer(step, url, newest);
      if (request.method === 'PUT' || request.method === 'POST') return writeAnswer(step, request, newest, keep);
      if (request.method === 'DELETE') return deleteAnswer(url, versions, key);
      return readAnswer(step, url, versions, newest, keep, key);
    },
  };
  return server;
}

function json(status: number, body: unknown): WireAnswer {
  return { status, body: JSON.stringify(body) };
}

function made(name: string, type: string, value: unknown): Stored {
  const slashed = name.replace(/^\/?/, '/');
  return {
    id: `id of ${slashed}`,
    name: slashed,
    type,
    value,
    metadata: null,
    version_created_at: '2026-11-22T04:56:12Z',
  };
}

/** What a step printed as a document; YAML also reads JSON. */
function printed(step: Step): Record<string, unknown> {
  const text = step.words[0] === 'set' ? step.stdout.replace(/^(?:(?:value|password): )+/, '') : step.stdout;
  const document: unknown = parseYaml(text.replaceAll('\t', ' '));
  return typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : {};
}

/** The server's refusal that a step printed. Refusals of the command line itself send no request to get here. */
function refusalIn(step: Step): WireAnswer | undefined {
  const [start, end] = ['\u001b[1;31m', '\u001b[0m\n'];
  const message = step.stderr.startsWith(start) ? step.stderr.slice(start.length, -end.length) : undefined;
  // The recorded flags that do not go together are noticed only after the answer.
  if (message === undefined || message.includes(' are incompatible.') || message.startsWith('No credentials exist'))
    return undefined;
  if (step.words[0] === 'interpolate' || step.words[0] === 'export') return undefined;
  return json(message.includes('does not exist') ? 404 : 400, { error: message });
}

function writeAnswer(
  step: Step,
  request: WireRequest,
  newest: (name: string) => Stored | undefined,
  keep: (stored: Stored) => void,
): WireAnswer {
  const sent = JSON.parse(request.body) as Record<string, unknown>;
  const shown = printed(step);
  const before = newest(String(shown.name));
  const stored: Stored = {
    ...made(String(shown.name), String(shown.type), sent.value ?? before?.value),
    ...shown,
    value: request.method === 'PUT' ? sent.value : undefined,
    metadata: sent.metadata ?? null,
  } as Stored;
  if (before?.id !== stored.id) keep(stored);
  return json(200, stored);
}

function readAnswer(
  step: Step,
  url: URL,
  versions: Map<string, Stored[]>,
  newest: (name: string) => Stored | undefined,
  keep: (stored: Stored) => void,
  key: (name: string) => string,
): WireAnswer {
  const query = url.searchParams;
  if (query.has('path') || query.has('name-like')) return json(200, { credentials: listed(step, query, versions) });
  const byId = [...versions.values()].flat().find(({ id }) => url.pathname.endsWith(`/${id}`));
  if (url.pathname !== '/api/v1/data') return byId ? json(200, byId) : json(404, { error: NOT_FOUND });
  const name = query.get('name') ?? '';
  const current = newest(name);
  const learned = learn(step, current);
  if (learned !== undefined && current === undefined) keep(learned);
  if (learned !== undefined && current !== undefined) Object.assign(current, learned);
  const all = versions.get(key(name)) ?? [];
  const wanted = query.get('versions');
  const answer = wanted === null ? all.slice(0, 1) : all.slice(0, Number(wanted));
  return answer.length === 0 ? json(404, { error: NOT_FOUND }) : json(200, { data: answer });
}

/** A `get` that prints a whole credential, or the value of one that was generated, says what is stored. */
function learn(step: Step, current: Stored | undefined): Stored | undefined {
  if (step.words[0] === 'export') return exported(step, current);
  if (step.words[0] !== 'get' || step.words.includes('--versions') || step.exit === 1) return undefined;
  if (/^(id: |\{\n\t"id")/.test(step.stdout)) return printed(step) as unknown as Stored;
  if (step.words.includes('-k') || current === undefined || current.value !== undefined) return undefined;
  const isDocument = step.stdout.endsWith('\n\n');
  return { ...current, value: isDocument ? printed(step) : step.stdout.replace(/\n$/, '') };
}

/** An export prints every value; of a certificate's signer only the name. */
function exported(step: Step, current: Stored | undefined): Stored | undefined {
  if (current === undefined || !step.stdout.startsWith('credentials:')) return undefined;
  const found = (printed(step).credentials as Stored[]).find(({ name }) => name === current.name);
  if (found === undefined) return undefined;
  const { ca_name: signer, ...value } = found.value as Record<string, unknown>;
  if (signer === undefined) return { ...current, value: found.value };
  return { ...current, signer, value: { ...value, ca: 'the certificate of the signer' } };
}

function listed(step: Step, query: URLSearchParams, versions: Map<string, Stored[]>): unknown {
  if (step.words[0] === 'find' && step.exit === 0) return printed(step).credentials;
  if (step.words[0] === 'export' && step.exit === 0 && step.stdout.startsWith('credentials:')) {
    return (printed(step).credentials as { name: string }[]).map(({ name }) => ({ name, version_created_at: '' }));
  }
  const path = (query.get('path') ?? '').replace(/^\/?/, '/').replace(/\/?$/, '/');
  const like = query.get('name-like');
  return [...versions.values()]
    .map(([first]) => first)
    .filter((one) => one !== undefined && like === null && one.name.startsWith(path))
    .map((one) => ({ name: one?.name, version_created_at: one?.version_created_at }))
    .reverse();
}

function deleteAnswer(url: URL, versions: Map<string, Stored[]>, key: (name: string) => string): WireAnswer {
  const existed = versions.delete(key(url.searchParams.get('name') ?? ''));
  return existed ? { status: 204, body: '' } : json(404, { error: NOT_FOUND });
}

function permissionAnswer(step: Step, request: WireRequest): WireAnswer {
  const refusal = refusalIn(step);
  const isNew =
    step.words[0] === 'set-permission' && (refusal !== undefined || step.stdout.includes('- read\n    - write\npath'));
  if (request.method === 'GET' && (isNew || refusal !== undefined)) {
    return json(404, {
      error:
        'The request could not be completed because the permission does not exist or you do not have sufficient authorization.',
    });
  }
  return refusal ?? json(200, printed(step));
}

function certificateAnswer(_step: Step, url: URL, newest: (name: string) => Stored | undefined): WireAnswer {
  const name = url.searchParams.get('name') ?? '';
  const signer = newest(name)?.signer;
  return json(200, { certificates: [{ name, signed_by: signer ?? name, signs: [], versions: [] }] });
}

function importAnswer(step: Step, request: WireRequest, keep: (stored: Stored) => void): WireAnswer {
  if (request.method !== 'PUT') return json(200, { version: '2.15.20' });
  const { name, type, value } = JSON.parse(request.body) as { name: string; type: string; value: unknown };
  const failure = step.stdout
    .split('\n')
    .find((line) => line.startsWith(`Credential '${name}' at index `))
    ?.replace(/^.*? could not be set: /, '');
  if (failure !== undefined) return json(400, { error: failure });
  keep(made(name, type, value));
  return json(200, made(name, type, value));
}

const TOMCAT_HEADERS = [
  'Cache-Control',
  'Content-Length',
  'Content-Type',
  'Date',
  'Expires',
  'Pragma',
  'Strict-Transport-Security',
  'X-Content-Type-Options',
  'X-Frame-Options',
  'X-Xss-Protection',
];

function curlAnswer(step: Step, request: WireRequest, server: RecordedServer): WireAnswer {
  const [head, body] = step.stdout.startsWith('HTTP/1.1') ? split(step.stdout) : ['', step.stdout];
  const shown = new Map(head.split('\n').map((line) => line.split(': ') as [string, string]));
  const status = Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1] ?? (step.exit === 22 ? 404 : 200));
  if (request.method === 'DELETE') return { status: 204, body: '' };
  if (body.includes('"name": "/curl/h"')) server.add('/curl/h', 'value', '<a>&');
  const text = body === '' ? '{"error":"not shown"}' : body;
  // In reverse, and with the lengths that were recorded, padded with blanks: the printer has to sort them.
  const length = Number(shown.get('Content-Length') ?? 0);
  const compact = JSON.stringify(JSON.parse(text)).padEnd(length);
  const headers = TOMCAT_HEADERS.filter((name) => shown.has(name) && name !== 'Content-Length')
    .map((name) => `${name.toLowerCase()}: ${shown.get(name)}`)
    .reverse();
  return { status, body: compact, headers: [`content-length: ${Buffer.byteLength(compact)}`, ...headers] };
}

function split(text: string): [string, string] {
  const end = text.indexOf('\n\n');
  return [text.slice(0, end), text.slice(end + 2)];
}
