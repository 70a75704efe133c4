import { describe, expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

function at(url: string, env: Record<string, string>, own?: string): string | undefined {
  const proxy = proxyFor(new URL(url), env, own);
  return proxy === undefined ? undefined : `${proxy.kind} ${proxy.host}:${proxy.port}`;
}

describe('the usual proxy variables', () => {
  test('are chosen by the scheme of the target, in either case', () => {
    expect(at('https://a.example/', { https_proxy: 'http://p:3128' })).toBe('http p:3128');
    expect(at('https://a.example/', { HTTPS_PROXY: 'p:3128' })).toBe('http p:3128');
    expect(at('http://a.example/', { https_proxy: 'http://p:3128' })).toBeUndefined();
    expect(at('http://a.example/', { http_proxy: 'https://p' })).toBe('https p:443');
    expect(at('https://a.example/', { https_proxy: 'socks5h://p' })).toBe('socks5 p:1080');
  });

  test.each(['https://localhost:1/', 'https://127.0.0.1/', 'https://127.9.9.9/', 'https://[::1]:1/'])(
    'are never used for %s',
    (url) => {
      expect(at(url, { https_proxy: 'http://p:1' })).toBeUndefined();
    },
  );

  test.each([
    ['*', true],
    ['a.example', true],
    ['example', true],
    ['.example', true],
    ['*.example', true],
    ['.a.example', false],
    ['b.example', false],
    ['a.example:8844', true],
    ['a.example:1', false],
    ['xa.example', false],
    [' b , a.example ', true],
  ])('no_proxy %j exempts a.example: %s', (list, exempt) => {
    expect(at('https://a.example:8844/', { https_proxy: 'http://p:1', no_proxy: list })).toBe(
      exempt ? undefined : 'http p:1',
    );
  });

  test('no_proxy knows addresses and ranges', () => {
    const env = (list: string): Record<string, string> => ({ https_proxy: 'http://p:1', no_proxy: list });
    expect(at('https://10.1.2.3/', env('10.0.0.0/8'))).toBeUndefined();
    expect(at('https://11.1.2.3/', env('10.0.0.0/8'))).toBe('http p:1');
    expect(at('https://10.1.2.3/', env('10.1.2.3'))).toBeUndefined();
    expect(at('https://a.example/', env('10.0.0.0/8'))).toBe('http p:1');
  });
});

describe('CREDHUB_PROXY', () => {
  test('counts for https targets, loopback included, and before the usual variables', () => {
    expect(at('https://localhost:1/', { https_proxy: 'http://p:1' }, 'socks5://s:2')).toBe('socks5 s:2');
    expect(at('http://a.example/', {}, 'socks5://s:2')).toBeUndefined();
    expect(at('https://a.example/', { no_proxy: 'a.example' }, 'socks5://s:2')).toBeUndefined();
  });

  test.each(['http://s:2', 'nonsense', 'socks5://', 'ssh+socks5://u@s:2', 'ssh+socks5://u@s:2?private-key=/no/such'])(
    '%s cannot be used and is as good as none',
    (own) => {
      expect(at('https://a.example/', {}, own)).toBeUndefined();
      expect(at('https://a.example/', { https_proxy: 'http://p:1' }, own)).toBe('http p:1');
    },
  );
});
