import { field, textField, type Value } from '../lib/format/json-tree.ts';
import { parseJson } from '../lib/format/parse-json.ts';
import { printable } from './printable.ts';

const referenceLarge =
  'A request may have at most 8 KiB. Do not inline a large secret: keep it elsewhere and issue a credential that references it.';

/** Advice for error codes whose text does not say what to do. */
function adviceFor(status: number, detail: string): string | undefined {
  if (status === 401) return 'Log in again with plexctl login.';
  if (status === 413) return /referenc/i.test(detail) ? undefined : referenceLarge;
  const silent = status === 403 && detail === '';
  return silent ? 'You lack the relation that this needs, or the object does not exist.' : undefined;
}

const wordsOfStatus: Readonly<Record<number, string>> = {
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  409: 'conflict',
  413: 'request_body_too_large',
};

/**
 * A refusal in one paragraph: the code first, which scripts look for, then the server's detail, advice and the
 * correlation id. A body that is no problem document is not shown, as it may be anything.
 */
export function describeProblem(status: number, body: string): string {
  const problem = asProblem(body);
  const code = textField(problem, 'code') ?? wordsOfStatus[status] ?? 'unexpected_answer';
  const detail = textField(problem, 'detail') ?? textField(problem, 'title') ?? '';
  const reason = textField(problem, 'reason');
  const correlation = textField(problem, 'correlation_id');
  const facts = [`HTTP ${status}`];
  if (reason !== undefined) facts.push(`reason ${reason}`);
  if (correlation !== undefined) facts.push(`correlation id ${correlation}`);
  const sentences = [detail, adviceFor(status, detail)];
  const text = sentences.filter((sentence) => sentence !== undefined && sentence !== '').join(' ');
  return printable(`${code}: ${text === '' ? '' : `${text} `}(${facts.join(', ')})`);
}

function asProblem(body: string): Value {
  try {
    const value = parseJson(body);
    return field(value, 'code') === undefined && field(value, 'title') === undefined ? null : value;
  } catch {
    return null;
  }
}
