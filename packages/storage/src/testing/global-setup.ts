/**
 * For vitest's `globalSetup`: one PostgreSQL for a run, shared with packages run by the same parent. Its URL goes to the
 * workers, and to processes that they start, as CREDPLEX_TEST_POSTGRES.
 */
import { prepareTemplate } from './database.ts';
import { startPostgres } from './postgres.ts';

export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.CREDPLEX_TEST_POSTGRES;
  if (given) {
    await prepareTemplate(given);
    return undefined;
  }
  const server = await startPostgres();
  await prepareTemplate(server.url);
  process.env.CREDPLEX_TEST_POSTGRES = server.url;
  return server.stop;
}
