/**
 * `credplex token issue|list|revoke`: API tokens of Plexsphere for users and services. Over HTTP a token is made with another
 * one, so somebody's first comes from here.
 */
import { formatSubject, MAX_TOKEN_TTL_SECONDS, mintToken, TOKEN_ENVIRONMENTS } from '@credplex/core';
import type { Runtime } from '../runtime.ts';
import { type Command, CommandError, flag, option, UsageError, word } from './command.ts';
import { subjectOf } from './relation-words.ts';
import { printRows } from './table.ts';

const OWNER_HELP = 'OWNER  a user name, user:<uuid> or service:<uuid>';
const DAY = 86_400;

/** As tokens name their owner: `service:`, not the relation graph's `serviceaccount:`. */
async function ownerOf({ storage }: Runtime, text: string): Promise<string> {
  const subject = await subjectOf(storage.accounts, text);
  if (subject.relation !== undefined || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(subject.id))
    throw new CommandError(`${JSON.stringify(text)} cannot own a token`);
  if (subject.type === 'serviceaccount') return `service:${subject.id}`;
  if (subject.type !== 'user' || (await storage.accounts.userById(subject.id)) === undefined)
    throw new CommandError(`there is no ${formatSubject(subject)}`);
  return formatSubject(subject);
}

const issue: Command = {
  name: 'token issue',
  summary: 'Makes an API token and prints it once, on stdout.',
  usage: 'OWNER [--env dev|stage|prod] [--days DAYS]',
  positionals: ['OWNER'],
  options: { env: { type: 'string' }, days: { type: 'string' } },
  help: [
    OWNER_HELP,
    '--env ENV    what the token says it is for, default prod',
    '--days DAYS  how long it works, 1 to 365, default 30',
  ],
  examples: ['credplex token issue ada > token', 'credplex token issue ada --days 1'],
  async run(context, words) {
    const env = option(words, 'env') ?? 'prod';
    const environment = TOKEN_ENVIRONMENTS.find((known) => known === env);
    if (environment === undefined) throw new UsageError(`--env is one of ${TOKEN_ENVIRONMENTS.join(', ')}`);
    const days = Number(option(words, 'days') ?? 30);
    if (!Number.isInteger(days) || days < 1 || days * DAY > MAX_TOKEN_TTL_SECONDS)
      throw new UsageError('--days is a whole number from 1 to 365');
    const runtime = await context.open();
    const owner = await ownerOf(runtime, word(words, 0));
    const { storage, clock, entropy } = runtime;
    const caller = { actor: 'operator', requestId: entropy.uuid() };
    const deps = { records: storage.plexsphere, clock, entropy };
    const { row, plaintext } = await mintToken(deps, caller, { owner, environment, ttlSeconds: days * DAY });
    context.terminal.err(`Token ${row.id} of ${owner} works until ${row.expiresAt.toISOString()}. It is shown once:`);
    context.terminal.out(plaintext.reveal());
  },
};

const list: Command = {
  name: 'token list',
  summary: "Lists an owner's API tokens, without their secrets.",
  usage: 'OWNER [--json]',
  positionals: ['OWNER'],
  options: { json: { type: 'boolean' } },
  help: [OWNER_HELP, '--json  for programs'],
  examples: ['credplex token list ada'],
  async run(context, words) {
    const runtime = await context.open();
    const owner = await ownerOf(runtime, word(words, 0));
    const tokens = await runtime.storage.plexsphere.listTokens({ owner, now: runtime.clock.now() });
    const rows = tokens.map((token) => [
      token.id,
      token.envPrefix,
      token.createdAt,
      token.expiresAt,
      token.lastUsedAt,
      token.rotatedAt,
    ]);
    const columns = ['id', 'env_prefix', 'created_at', 'expires_at', 'last_used_at', 'rotated_at'];
    printRows(context.terminal, columns, rows, flag(words, 'json'));
  },
};

const revoke: Command = {
  name: 'token revoke',
  summary: 'Ends an API token at once.',
  usage: 'ID',
  positionals: ['ID'],
  options: {},
  help: ['ID  as `credplex token list` shows it'],
  examples: ['credplex token revoke 0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11'],
  async run(context, words) {
    const id = word(words, 0).toLowerCase();
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new CommandError('the id of a token is a UUID');
    const { storage } = await context.open();
    const token = await storage.plexsphere.token(id);
    const audit = await context.audit('api_token.revoke', `apitoken:${id}`, { owner: token?.owner ?? null });
    if (token === undefined || !(await storage.plexsphere.deleteToken({ id, owner: token.owner, audit })))
      throw new CommandError('there is no such token');
    context.terminal.err(`Token ${id} of ${token.owner} is ended.`);
  },
};

export const commands: readonly Command[] = [issue, list, revoke];
