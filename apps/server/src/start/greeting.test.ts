import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { greeting } from './greeting.ts';

const about = {
  url: 'https://localhost:8844',
  level: 1,
  caFile: '/data/tls/ca.pem',
  operatorFile: '/data/operator.json',
  firstStart: true,
  login: 'here',
} as const;

describe('greeting', () => {
  test('the first start gives commands to paste for both command lines, and the line on levels', () => {
    const text = greeting(about);
    expect(text).toContain('Credplex is ready at https://localhost:8844 (API level 1).');
    expect(text).toContain('/data/operator.json');
    expect(text).toContain('| npx credhub login -s https://localhost:8844 --ca-cert /data/tls/ca.pem -u admin\n');
    expect(text).toContain(
      'npx plexctl login --server https://localhost:8844 --ca-cert /data/tls/ca.pem --token-file -\n',
    );
    expect(text).toContain('CLOUD=$(npx plexctl cloud create --slug demo');
    expect(text).toContain('npx plexctl cloud credential create --cloud-id');
    expect(text).toContain('CREDPLEX_LEVEL=2');
  });

  test('a later start is brief, and level 2 says nothing about levels', () => {
    const text = greeting({ ...about, firstStart: false, level: 2 });
    expect(text.split('\n')).toHaveLength(3);
    expect(text).not.toContain('CREDPLEX_LEVEL');
  });

  test('where tokens come from elsewhere, or not at all, nothing tells to log in as admin here', () => {
    const uaa = greeting({ ...about, login: 'uaa', caFile: undefined });
    expect(uaa).toContain('npx credhub login -s https://localhost:8844 -u YOUR-USER');
    expect(greeting({ ...about, login: 'nowhere' })).not.toContain('credhub login');
  });

  test('a folder with blanks and quotes gives commands that a shell reads right', () => {
    const folder = mkdtempSync(join(tmpdir(), "it's a "));
    const operatorFile = join(folder, 'operator.json');
    writeFileSync(operatorFile, JSON.stringify({ password: 'pass word' }));
    const line = greeting({ ...about, operatorFile })
      .split('\n')
      .find((one) => one.includes('credhub login'));
    const command = line?.slice(0, line.lastIndexOf('|')) ?? '';
    expect(spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout).toBe('pass word\n');
  });
});
