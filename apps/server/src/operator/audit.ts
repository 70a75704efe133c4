/** `credplex audit`: who did what, without values. */
import { type Command, flag, option, UsageError } from './command.ts';
import { printRows } from './table.ts';

const LIMIT = 100;

export const commands: readonly Command[] = [
  {
    name: 'audit',
    summary: 'Shows what was done: changes, reads, refusals; newest first, never a value.',
    usage: '[--since TIME] [--until TIME] [--actor A] [--action A] [--resource R] [--below ID] [--limit N] [--json]',
    positionals: [],
    options: {
      since: { type: 'string' },
      until: { type: 'string' },
      actor: { type: 'string' },
      action: { type: 'string' },
      resource: { type: 'string' },
      below: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    },
    help: [
      '--since, --until TIME  as 2026-11-22T07:00:00Z, or 90m, 12h, 7d ago',
      '--actor A      exactly, e.g. uaa-client:concourse, uaa-user:<id>, user:<id>, operator',
      '--action A     exactly, e.g. GET, SET, DELETE, cloud_credential.issue, user.add',
      '--resource R   a name, or a folder as /team/*',
      '--below ID     goes on below the last id shown',
      `--limit N      rows, default ${LIMIT}`,
      '--json         for programs, with request id, version id and details',
    ],
    examples: ['credplex audit --since 24h', 'credplex audit --resource "/prod/*" --action GET --limit 20'],
    async run(context, words) {
      const now = new Date();
      const filter = {
        from: time(option(words, 'since'), now),
        to: time(option(words, 'until'), now),
        actor: option(words, 'actor'),
        action: option(words, 'action'),
        resource: option(words, 'resource'),
        below: count('below', option(words, 'below'), undefined),
        limit: count('limit', option(words, 'limit'), LIMIT) ?? LIMIT,
      };
      const { storage } = await context.open();
      const rows = await storage.auditLog.list(filter);
      const json = flag(words, 'json');
      const columns = ['id', 'at', 'actor', 'action', 'resource'];
      if (!json) {
        const cells = rows.map((row) => [row.id, row.at, row.actor, row.action, row.resource]);
        printRows(context.terminal, columns, cells, false);
        return;
      }
      const more = [...columns, 'version_id', 'request_id', 'details'];
      const cells = rows.map((row) => [
        row.id,
        row.at,
        row.actor,
        row.action,
        row.resource,
        row.versionId,
        row.requestId,
        row.details,
      ]);
      printRows(context.terminal, more, cells, true);
    },
  },
];

function time(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const ago = /^(\d{1,6})([mhd])$/.exec(text);
  const minutes = { m: 1, h: 60, d: 1440 }[ago?.[2] ?? ''];
  if (minutes !== undefined) return new Date(now.getTime() - Number(ago?.[1]) * minutes * 60_000);
  const parsed = new Date(text);
  if (Number.isNaN(parsed.getTime())) throw new UsageError('TIME is as 2026-11-22T07:00:00Z, or 90m, 12h, 7d');
  return parsed;
}

function count(name: string, text: string | undefined, fallback: number | undefined): number | undefined {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`--${name} must be a whole number`);
  return Number(text);
}
