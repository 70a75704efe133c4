import { createDatabase } from '@credplex/storage/testing';
import { expect, test } from 'vitest';
import { clientOf, clientToken, newFolder, readOperator, settings, startCredplex } from './harness/credplex.ts';

test('with a full disk under the audit file the server serves, says so, and stops when asked', async () => {
  const dataDir = newFolder();
  const env = settings(dataDir, {
    CREDPLEX_DATABASE_URL: await createDatabase({ empty: true }),
    CREDPLEX_AUDIT_FILE: '/dev/full',
  });
  const running = await startCredplex({ env });
  const client = clientOf(running, dataDir);
  const as = { token: await clientToken(client, readOperator(dataDir)) };
  const get = async (name: string) => (await client.as(as)('GET /api/v1/data', { query: { name: `/${name}` } })).status;
  for (let n = 0; n < 100; n += 1) expect(await get(`none-${n}`)).toBe(404);
  await expect.poll(running.output, { timeout: 10_000 }).toContain('audit lines cannot be written');
  expect(await get('none')).toBe(404);
  client.close();
  expect((await running.end('SIGTERM')).status).toBe(0);
});
