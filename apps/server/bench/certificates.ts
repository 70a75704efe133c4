/** Benchmarks of certificates, regenerate, bulk-regenerate, interpolate and filtered finds. */
import { randomUUID } from 'node:crypto';
import type { BenchEnvironment } from './environment.ts';
import { residentMiB } from './processes.ts';
import type { Line } from './report.ts';
import { spread, summary } from './stats.ts';

async function measureTimes(
  times: number,
  one: (n: number) => Promise<{ status: number; text: string }>,
): Promise<number[]> {
  const figures: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const started = performance.now();
    const answer = await one(n);
    if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
    figures.push(performance.now() - started);
  }
  return figures;
}

export async function benchCertificates(environment: BenchEnvironment, leaves: number): Promise<Line[]> {
  const ca = `/bench-ca-${randomUUID()}`;
  const post = (path: string, body: unknown) => environment.call('POST', path, body);
  await post('/api/v1/data', { name: ca, type: 'certificate', parameters: { common_name: 'bench', is_ca: true } });
  const leaf = (n: number) => ({
    name: `${ca}/leaf-${n}`,
    type: 'certificate',
    parameters: { common_name: `leaf-${n}`, ca },
    mode: 'converge',
  });
  const line = (name: string, figures: number[], notes = ''): Line => ({
    group: 'certificates',
    text: `${name} | ${spread(summary(figures), 1)} | ${notes || '–'}`,
  });

  const made = await measureTimes(20, (n) => post('/api/v1/data', leaf(n)));
  const hits = await measureTimes(50, () => post('/api/v1/data', leaf(0)));
  const regenerated = await measureTimes(20, (n) => post('/api/v1/regenerate', { name: `${ca}/leaf-${n}` }));

  let next = 20;
  const worker = async (): Promise<void> => {
    while (next < leaves) {
      const n = next;
      next += 1;
      await post('/api/v1/data', leaf(n));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const before = residentMiB(environment.server.pid ?? 0);
  const bulk = await measureTimes(1, () => post('/api/v1/bulk-regenerate', { signed_by: ca }));

  const form = { name: '/bench-json/one', type: 'json', value: { user: 'u', password: 'p' } };
  await environment.call('PUT', '/api/v1/data', form);
  const names = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const name = `/bench-json/${n}`;
      await environment.call('PUT', '/api/v1/data', { ...form, name });
      return name;
    }),
  );
  const services = { services: names.map((name) => ({ credentials: { 'credhub-ref': name } })) };
  const interpolated = await measureTimes(30, () => post('/api/v1/interpolate', services));
  return [
    line('certificate signed by a CA, key made', made, '2048 bits'),
    line('converge hit of a certificate', hits),
    line('regenerate a certificate', regenerated),
    line(
      `bulk-regenerate of ${leaves} leaves`,
      bulk,
      `server RSS ${before.toFixed(0)} → ${residentMiB(environment.server.pid ?? 0).toFixed(0)} MiB`,
    ),
    line('interpolate, 50 refs', interpolated),
  ];
}

export async function benchFind(environment: BenchEnvironment, rows: number): Promise<Line[]> {
  const line = (name: string, figures: number[]): Line => ({
    group: 'certificates',
    text: `${name} | ${spread(summary(figures), 1)} | ${rows.toLocaleString('en')} names stored`,
  });
  const get = (path: string) => environment.call('GET', path);
  return [
    line(
      'find by path, 100 hits, filtered by permission',
      await measureTimes(50, (n) => get(`/api/v1/data?path=/bench/f${n}`)),
    ),
    line(
      'find name-like, 11 hits, filtered',
      await measureTimes(20, (n) => get(`/api/v1/data?name-like=n${n + 500}9`)),
    ),
    line(`find all ${rows.toLocaleString('en')} names`, await measureTimes(3, () => get('/api/v1/data?path='))),
  ];
}
