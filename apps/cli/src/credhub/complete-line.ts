import { type Completion, completeFromList, type Definition } from '@credplex/command-line';
import { readReply } from '../lib/api/answers.ts';
import { createCredhubClient, transportOf } from '../lib/api/client.ts';
import { listOf, textOf } from '../lib/format/document.ts';
import { closeConnections } from '../lib/network/agents.ts';
import { hasToken } from '../lib/session/config-file.ts';
import { firstToken } from '../lib/session/login.ts';
import { openSession } from '../lib/session/session.ts';
import type { Host } from '../lib/terminal/host.ts';
import { expectedWord } from './complete-words.ts';

/** How long completion waits for the server. */
const SERVER_TIMEOUT_MS = 300;

/** Completes the last word. If the server is slow, unreachable or refuses, no names are offered. */
export async function completeLine(
  words: readonly string[],
  definitions: readonly Definition[],
  host: Host,
): Promise<readonly Completion[]> {
  const expected = expectedWord(words, definitions);
  if (expected.kind === 'words') return expected.words;
  const { of: value, typed, prefix } = expected;
  if (!('completes' in value && value.completes === 'credential')) return completeFromList(value, typed, prefix);
  const names = await withinTime(credentialNames(host, typed));
  return completeFromList({ choices: names }, typed, prefix);
}

/** Reads names without refreshing or storing tokens, because the request may be abandoned at any time. */
async function credentialNames(host: Host, typed: string): Promise<readonly string[]> {
  const session = openSession(host, BigInt(SERVER_TIMEOUT_MS) * 1_000_000n);
  const { config } = session;
  if (config.apiUrl === '') return [];
  if (!hasToken(config)) {
    if (session.client === undefined || config.authUrl === '') return [];
    await firstToken(session);
  }
  const query = typed === '' ? { path: '' } : { 'name-like': typed };
  const client = createCredhubClient(transportOf(session, { token: config.accessToken }));
  const answer = readReply(await client('GET /api/v1/data', { query }));
  return listOf(answer, 'credentials').map((item) => textOf(item, 'name') ?? '');
}

async function withinTime(names: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), SERVER_TIMEOUT_MS);
  });
  const found = await Promise.race([names.catch(() => []), late]);
  clearTimeout(timer);
  closeConnections();
  return found;
}
