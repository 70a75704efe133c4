/** Stores the names that are read. */
import postgres from 'postgres';
import type { BenchEnvironment } from './environment.ts';

const VALUE = 'a-value-of-thirty-characters-x';

/** Returns the name with this number, as a load asks for it (`/bench/f{f}/n{n}`). */
export function benchName(n: number): string {
  return `/bench/f${Math.floor(n / 100)}/n${n}`;
}

/**
 * Stores names up to `rows` through the API, and as many rows in the table of the bare server by SQL.
 * @returns ids of up to 1,000 versions
 */
export async function seed(environment: BenchEnvironment, from: number, rows: number): Promise<string[]> {
  const sql = postgres(environment.databaseUrl, { max: 1, onnotice: () => {} });
  await sql`insert into bench_value select gen_random_uuid(), '/bench/f' || n / 100 || '/n' || n, ${VALUE}::text::bytea
    from generate_series(${from}::int, ${rows - 1}::int) n on conflict do nothing`;
  const ids: string[] = [];
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < rows) {
      const n = next;
      next += 1;
      const body = { name: benchName(n), type: 'password', value: VALUE };
      const answer = await environment.call('PUT', '/api/v1/data', body);
      if (answer.status !== 200) throw new Error(`seeding: ${answer.status} ${answer.text}`);
      if (ids.length < 1000) ids.push((JSON.parse(answer.text) as { id: string }).id);
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  await environment.call('POST', '/api/v1/data', { name: '/bench-hit/one', type: 'password', parameters: {} });
  await sql`analyze`;
  await sql.end();
  return ids;
}
