import { describe, expect, test } from 'vitest';
import { type AuditedRequest, cefLines, openLineSink } from './audit.ts';

const request: AuditedRequest = {
  at: new Date(1_500_000_000_000),
  method: 'GET',
  path: '/api/v1/data',
  pathAndQuery: '/api/v1/data?name=/a',
  status: 200,
  actor: 'uaa-client:c',
  userName: 'c',
  mechanism: 'uaa',
  source: '127.0.0.1',
  destination: 'localhost:8844',
  action: 'GET',
  resources: [{ name: '/a', credentialId: 'cred', versionId: 'ver' }],
  details: '{"name":"/a"}',
};

describe('CEF lines', () => {
  test('have the fields of CredHub in its order', () => {
    expect(cefLines('2.15.20', request)).toBe(
      'CEF:0|cloud_foundry|credhub|2.15.20|GET /api/v1/data|GET /api/v1/data|0|rt=1500000000000 suser=c suid=uaa-client:c cs1Label=userAuthenticationMechanism cs1=uaa request=/api/v1/data?name\\=/a requestMethod=GET cs3Label=versionUuid cs3=ver cs4Label=httpStatusCode cs4=200 src=127.0.0.1 dst=localhost:8844 cs2Label=resourceName cs2=/a cs5Label=resourceUuid cs5=cred deviceAction=GET cs6Label=requestDetails cs6={"name":"/a"}\n',
    );
  });

  test('one line is written per resource, and one with null without resources', () => {
    const two = { ...request, resources: [...request.resources, { name: '/b', credentialId: null, versionId: null }] };
    expect(cefLines('1', two).split('\n')).toHaveLength(3);
    expect(cefLines('1', { ...request, resources: [] })).toContain('cs2=null cs5Label=resourceUuid cs5=null');
  });

  test('line ends and separators in input are escaped', () => {
    const line = cefLines('1', {
      ...request,
      path: '/a|b\\c',
      pathAndQuery: '/a?x=1\nCEF:0|evil',
      userName: 'u suid=root',
      source: 'a\r\nb',
    });
    expect(line.trimEnd()).not.toMatch(/[\r\n]/);
    expect(line).toContain('|GET /a\\|b\\\\c|');
    expect(line).toContain('suser=u suid\\=root');
  });
});

test('a full disk is logged once, and requests continue', async () => {
  const told: string[] = [];
  const tell = (_: unknown, text?: string) => void told.push(text ?? '');
  const sink = openLineSink('/dev/full', { error: tell, warn: tell });
  for (let at = 0; at < 100; at += 1) sink.write(`${'line '.repeat(1000)}\n`);
  await expect.poll(() => told).toHaveLength(1);
  sink.write('one more\n');
  await sink.end();
  expect(told).toEqual(['audit lines cannot be written; they wait in memory']);
});

test('a line after the end is dropped without an error', async () => {
  const sink = openLineSink('/dev/full', { error: () => {}, warn: () => {} });
  sink.write('line\n');
  await sink.end();
  expect(() => sink.write('x'.repeat(1024 * 1024))).not.toThrow();
});

test('a file that cannot be opened is a configuration error that names the setting', () => {
  const log = { error: () => {}, warn: () => {} };
  expect(() => openLineSink('/dev', log)).toThrow('audit.file: cannot write the file /dev (EISDIR)');
  expect(() => openLineSink('/dev/null/line', log)).toThrow('audit.file: cannot write the file /dev/null/line (');
});
