import { boolean, string } from '@oclif/core/flags';
import { OperatorCommand } from '../command.ts';
import { UsageError } from '../errors.ts';
import { printRows } from '../table.ts';

const LIMIT = 100;

export default class Audit extends OperatorCommand {
  static override readonly summary = 'Shows changes, reads and refusals, newest first and without values.';
  static override readonly examples = [
    'credplex audit --since 24h',
    'credplex audit --resource "/prod/*" --action GET --limit 20',
  ];
  static override readonly flags = {
    since: string({ helpValue: 'TIME', summary: 'As 2026-11-22T07:00:00Z, or 90m, 12h, 7d ago.' }),
    until: string({ helpValue: 'TIME', summary: 'As --since.' }),
    actor: string({
      helpValue: 'ACTOR',
      summary: 'Exactly, such as uaa-client:concourse, uaa-user:<id>, user:<id>, operator.',
    }),
    action: string({
      helpValue: 'ACTION',
      summary: 'Exactly, such as GET, SET, DELETE, cloud_credential.issue, user.add.',
    }),
    resource: string({ helpValue: 'RESOURCE', summary: 'A name, or a folder as /team/*.' }),
    below: string({ helpValue: 'ID', summary: 'Continue below the last id shown.' }),
    limit: string({ helpValue: 'N', summary: `Rows; default ${LIMIT}.` }),
    json: boolean({ summary: 'Print JSON, for programs.' }),
  };

  override async run(): Promise<void> {
    const { context, flags } = await this.open(Audit);
    const now = new Date();
    const filter = {
      from: time(flags.since, now),
      to: time(flags.until, now),
      actor: flags.actor,
      action: flags.action,
      resource: flags.resource,
      below: count('below', flags.below, undefined),
      limit: count('limit', flags.limit, LIMIT) ?? LIMIT,
    };
    const { storage } = await context.open();
    const rows = await storage.auditLog.list(filter);
    const json = flags.json;
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
  }
}

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
