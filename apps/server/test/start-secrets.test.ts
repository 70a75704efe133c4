import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '@credplex/storage/testing';
import { expect, test } from 'vitest';
import {
  clientOf,
  clientToken,
  credplex,
  newFolder,
  readOperator,
  settings,
  startCredplex,
  userToken,
} from './harness/credplex.ts';
import { dumpDatabase } from './harness/database-dump.ts';

test('no secret of the first operator, and no token or password in use, is in logs, errors, audit lines or the database', async () => {
  const dataDir = newFolder();
  const auditFile = join(dataDir, 'audit.log');
  const database = await createDatabase({ empty: true });
  const env = settings(dataDir, {
    CREDPLEX_DATABASE_URL: database,
    CREDPLEX_AUDIT_FILE: auditFile,
    CREDPLEX_LOG_LEVEL: 'trace',
  });
  const running = await startCredplex({ env });
  const operator = readOperator(dataDir);
  const chosen = 'a password that ada chose';
  const added = await credplex(['user', 'add', 'ada'], { env, input: `${chosen}\n` });
  const client = clientOf(running, dataDir);
  const tokens = [
    await userToken(client, operator),
    await clientToken(client, operator),
    await userToken(client, { user: 'ada', password: chosen }),
  ];
  // What goes wrong is what gets logged: each secret is also sent where it does not belong.
  const secrets = [operator.password, operator.client_secret, operator.plexsphere_token, chosen, ...tokens];
  for (const secret of secrets) {
    const as = { token: secret };
    await client.sendRaw({ method: 'GET', path: '/api/v1/data?name=/x', as });
    await client.sendRaw({ method: 'GET', path: '/v1/clouds', as });
    await client.sendRaw({ method: 'POST', path: '/api/v1/data', as, body: '{"name": ' });
    await client.sendRaw({ method: 'DELETE', path: '/uaa/oauth/token/revoke/x', as });
    await userToken(client, { user: secret.slice(0, 200), password: secret }).catch(() => {});
    await client.sendRaw({
      method: 'POST',
      path: '/uaa/oauth/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${secret.slice(0, 200)}:${secret}`).toString('base64')}`,
      },
      body: `grant_type=refresh_token&refresh_token=${encodeURIComponent(secret)}`,
    });
  }
  client.close();
  const end = await running.end('SIGTERM');
  const key = readFileSync(join(dataDir, 'encryption.key'), 'utf8').trim();

  const others = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dataDir, name))
    .filter((file) => statSync(file).isFile() && !/operator\.json$|encryption\.key$|\.key$/.test(file));
  expect(others).toContain(auditFile);
  const places: Record<string, string> = {
    log: end.stdout + end.stderr,
    command: added.stdout + added.stderr,
    database: await dumpDatabase(database),
    ...Object.fromEntries(others.map((file) => [file, readFileSync(file, 'latin1')])),
  };
  expect(places.database).toContain('credplex_admin');
  expect(end.status).toBe(0);
  for (const [place, text] of Object.entries(places)) {
    for (const [index, secret] of [...secrets, key].entries()) {
      expect([place, index, text.includes(secret)]).toEqual([place, index, false]);
    }
    expect([place, text.includes('PRIVATE KEY')]).toEqual([place, false]);
  }
  expect(existsSync(join(dataDir, 'operator.pending.json'))).toBe(false);
});
