/**
 * For vitest's `globalSetup`: starts one PostgreSQL per run, or uses the one in CREDPLEX_TEST_POSTGRES. That variable passes its
 * URL to the workers and to the processes that they start.
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
