import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CredError } from '../errors.ts';
import { uuidV7 } from '../identifiers/uuid-v7.ts';
import { isCanonicalCidr } from './cidr.ts';
import { type JsonMap, parseProvider, validateProviderSettings } from './providers.ts';

function verdict(provider: 'aws' | 'azure', endpoint: JsonMap, defaults: JsonMap = {}): string {
  try {
    validateProviderSettings(provider, endpoint, defaults);
    return 'ok';
  } catch (error) {
    if (error instanceof CredError) return error.code;
    throw error;
  }
}

const uuid = '0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11';

describe('provider settings', () => {
  test.each<[JsonMap, string]>([
    [{ region: 'eu-central-1' }, 'ok'],
    [{ region: 'eu-central-1', role_arn: 'arn:aws:iam::123456789012:role/x', more: { kept: [1] } }, 'ok'],
    [{ region: 'cn-north-1', role_arn: 'arn:aws-cn:iam::123456789012:role/path/x' }, 'ok'],
    [{}, 'invalid_cloud_endpoint'],
    [{ region: '' }, 'invalid_cloud_endpoint'],
    [{ region: 7 }, 'invalid_cloud_endpoint'],
    [{ region: 'eu-central-1', role_arn: 'arn:aws:iam::1234:role/x' }, 'invalid_cloud_endpoint'],
    [{ region: 'eu-central-1', role_arn: 'arn:aws:iam::123456789012:user/x' }, 'invalid_cloud_endpoint'],
    [{ region: 'eu-central-1', role_arn: null }, 'invalid_cloud_endpoint'],
    [JSON.parse('{"__proto__": {"region": "x"}}') as JsonMap, 'invalid_cloud_endpoint'],
  ])('aws endpoint %j: %s', (endpoint, expected) => expect(verdict('aws', endpoint)).toBe(expected));

  test.each<[JsonMap, string]>([
    [{}, 'ok'],
    [{ vpc_cidr: '10.0.0.0/16', default_region: 'eu-central-1' }, 'ok'],
    [{ vpc_cidr: '10.0.0.1/16' }, 'invalid_cloud_region_defaults'],
    [{ vpc_cidr: 16 }, 'invalid_cloud_region_defaults'],
    [{ default_region: '' }, 'invalid_cloud_region_defaults'],
  ])('aws region defaults %j: %s', (defaults, expected) =>
    expect(verdict('aws', { region: 'eu-central-1' }, defaults)).toBe(expected),
  );

  test.each<[JsonMap, string]>([
    [{ subscription_id: uuid, tenant_id: uuid }, 'ok'],
    [{ subscription_id: uuid }, 'invalid_cloud_endpoint'],
    [{ subscription_id: uuid, tenant_id: 'acme' }, 'invalid_cloud_endpoint'],
  ])('azure endpoint %j: %s', (endpoint, expected) => expect(verdict('azure', endpoint)).toBe(expected));

  test.each(['gcp', '', 'AWS', 'constructor'])('there is no provider %j', (name) =>
    expect(() => parseProvider(name)).toThrow(expect.objectContaining({ code: 'unknown_provider' })),
  );
});

describe('a canonical CIDR block', () => {
  test.each([
    '0.0.0.0/0',
    '10.0.0.0/8',
    '192.168.1.0/24',
    '1.2.3.4/32',
    '::/0',
    'fd00::/8',
    '2001:db8::/32',
    '::1/128',
    '1::/16',
  ])('%s is one', (text) => expect(isCanonicalCidr(text)).toBe(true));
  test.each([
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/08',
    '010.0.0.0/8',
    '256.0.0.0/8',
    '10.0.0/8',
    '10.0.0.0/-1',
    'fd00::1/8',
    'FD00::/8',
    'fd00:0::/8',
    '::/129',
    'fd00::%eth0/8',
    '[::]/0',
    'example.com/8',
  ])('%s is none', (text) => expect(isCanonicalCidr(text)).toBe(false));
  test('has no host bits, whatever the prefix', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }), (bits, length) => {
        const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
        const text = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
        expect(isCanonicalCidr(`${text((bits & mask) >>> 0)}/${length}`)).toBe(true);
        expect(isCanonicalCidr(`${text(bits)}/${length}`)).toBe((bits & mask) >>> 0 === bits);
      }),
    );
  });
});

test('ids are version 7 UUIDs that sort by their time', () => {
  const entropy = { bytes: (n: number) => Buffer.alloc(n, 0xff), below: () => 0, uuid: () => '' };
  const id = (time: number) => uuidV7({ now: () => new Date(time) }, entropy);
  expect(id(0x0197_f3c2_8f60)).toBe('0197f3c2-8f60-7fff-bfff-ffffffffffff');
  expect(id(1) < id(2)).toBe(true);
});
