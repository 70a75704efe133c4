/** The tables under Generate Credentials. */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import { additionalPermissionChecks, type Check, type Checks, type Json, type SeedClient } from './seed-client.ts';

const BASE: Readonly<Record<string, Json>> = { Certificate: { common_name: 'example.com', self_sign: true } };
/** Parameters unlike {@link BASE}, to tell converge from no-overwrite. */
const CHANGED: Readonly<Record<string, Json>> = {
  Password: { length: 41 },
  User: { length: 41 },
  Certificate: { common_name: 'other.example.com', self_sign: true },
  RSA: { key_length: 3072 },
  SSH: { ssh_comment: 'other' },
};

type Make = (seedClient: SeedClient, parameters: Json, more?: Json) => Promise<Json>;
function generate(type: string): Make {
  return (seedClient, parameters, more = {}) =>
    seedClient.ok('POST', '/api/v1/data', { name: seedClient.name(), type, parameters, ...more });
}

function partsOf(credential: Json): Json {
  return credential.value as Json;
}
function textOf(credential: Json): string {
  return typeof credential.value === 'string' ? credential.value : String(partsOf(credential).password);
}
function certificateOf(credential: Json): X509Certificate {
  return new X509Certificate(String(partsOf(credential).certificate));
}
function refuse(seedClient: SeedClient, type: string, parameters: unknown): Promise<void> {
  return seedClient.expectRefused('POST', '/api/v1/data', { name: seedClient.name(), type, parameters });
}

/** Passwords and the passwords of users. */
function passwordParameters(type: string): Checks {
  const make = generate(type);
  const charset =
    (flag: string, pattern: RegExp, byDefault: boolean): Check =>
    async (seedClient) => {
      const withFlag = textOf(await make(seedClient, { length: 200, [flag]: true }));
      const without = textOf(await make(seedClient, { length: 200 }));
      expect(pattern.test(without), `by default: ${without}`).toBe(byDefault);
      expect(pattern.test(withFlag), `with the flag: ${withFlag}`).toBe(!byDefault);
    };
  return {
    parameters: async (seedClient) => {
      expect(textOf(await seedClient.ok('POST', '/api/v1/data', { name: seedClient.name(), type }))).toHaveLength(30);
      await refuse(seedClient, type, 'length');
    },
    'parameters.length': async (seedClient) => {
      expect(textOf(await make(seedClient, {}))).toHaveLength(30);
      expect(textOf(await make(seedClient, { length: 40 }))).toHaveLength(40);
    },
    'parameters.exclude_upper': charset('exclude_upper', /[A-Z]/, true),
    'parameters.exclude_lower': charset('exclude_lower', /[a-z]/, true),
    'parameters.exclude_number': charset('exclude_number', /[0-9]/, true),
    'parameters.include_special': charset('include_special', /[^A-Za-z0-9]/, false),
  };
}

const user: Checks = {
  'parameters.username': async (seedClient) => {
    const make = generate('user');
    expect(partsOf(await make(seedClient, { username: 'admin' })).username).toBe('admin');
    expect(partsOf(await make(seedClient, {})).username).toMatch(/^[A-Za-z]{20}$/);
  },
};

function bitsOf(credential: Json): number | undefined {
  return createPublicKey(String(partsOf(credential).private_key)).asymmetricKeyDetails?.modulusLength;
}

function keyLength(type: string): Checks {
  const make = generate(type);
  const base = BASE[type === 'certificate' ? 'Certificate' : ''] ?? {};
  return {
    'parameters.key_length': async (seedClient) => {
      expect(bitsOf(await make(seedClient, base))).toBe(2048);
      expect(bitsOf(await make(seedClient, { ...base, key_length: 3072 }))).toBe(3072);
    },
    'Acceptable key lengths are': async (seedClient) => {
      for (const key_length of [2048, 3072, 4096]) {
        expect(bitsOf(await make(seedClient, { ...base, key_length }))).toBe(key_length);
      }
      for (const key_length of [1024, 2049, 8192]) await refuse(seedClient, type, { ...base, key_length });
    },
  };
}

const ssh: Checks = {
  'parameters.ssh_comment': async (seedClient) => {
    const make = generate('ssh');
    expect(partsOf(await make(seedClient, {})).public_key).toMatch(/^ssh-rsa \S+$/);
    expect(partsOf(await make(seedClient, { ssh_comment: 'a b' })).public_key).toMatch(/^ssh-rsa \S+ a b$/);
  },
};

function optionalParameters(type: string): Checks {
  return {
    parameters: async (seedClient) => {
      await seedClient.ok('POST', '/api/v1/data', { name: seedClient.name(), type });
      await refuse(seedClient, type, [1]);
    },
  };
}

const SUBJECT = {
  common_name: 'CN',
  organization: 'O',
  organization_unit: 'OU',
  locality: 'L',
  state: 'ST',
  country: 'C',
} as const;
const KEY_USAGES = [
  'digital_signature',
  'non_repudiation',
  'key_encipherment',
  'data_encipherment',
  'key_agreement',
  'key_cert_sign',
  'crl_sign',
  'encipher_only',
  'decipher_only',
];
const EXTENDED = ['client_auth', 'server_auth', 'code_signing', 'email_protection', 'timestamping'];

const makeCertificate = generate('certificate');
const selfSigned: Json = BASE.Certificate ?? {};
async function makeCa(seedClient: SeedClient): Promise<Json> {
  return makeCertificate(seedClient, { common_name: 'ca', is_ca: true });
}
const DAY = 86_400_000;

const certificate: Checks = {
  parameters: async (seedClient) => {
    await makeCertificate(seedClient, selfSigned);
    await seedClient.expectRefused('POST', '/api/v1/data', { name: seedClient.name(), type: 'certificate' });
  },
  ...Object.fromEntries(
    Object.entries(SUBJECT).map(([field, attribute]): [string, Check] => [
      `parameters.${field}`,
      async (seedClient) => {
        const { subject } = certificateOf(await makeCertificate(seedClient, { [field]: 'DE', self_sign: true }));
        expect(subject).toBe(`${attribute}=DE`);
      },
    ]),
  ),
  'parameters.alternative_names': async (seedClient) => {
    expect(certificateOf(await makeCertificate(seedClient, selfSigned)).subjectAltName).toBeUndefined();
    await refuse(seedClient, 'certificate', { ...selfSigned, alternative_names: 'example.com' });
  },
  'parameters.alternative_names[]': async (seedClient) => {
    const alternative_names = ['example.com', '*.example.com', '10.0.0.1'];
    const made = certificateOf(await makeCertificate(seedClient, { ...selfSigned, alternative_names }));
    expect(made.subjectAltName).toBe('DNS:example.com, DNS:*.example.com, IP Address:10.0.0.1');
  },
  'parameters.key_usage': (seedClient) => refuse(seedClient, 'certificate', { ...selfSigned, key_usage: 'crl_sign' }),
  'parameters.key_usage[]': (seedClient) => refuse(seedClient, 'certificate', { ...selfSigned, key_usage: ['wrong'] }),
  'parameters.extended_key_usage': async (seedClient) => {
    expect(certificateOf(await makeCertificate(seedClient, selfSigned)).keyUsage).toBeUndefined();
    await refuse(seedClient, 'certificate', { ...selfSigned, extended_key_usage: 'client_auth' });
  },
  'parameters.extended_key_usage[]': async (seedClient) => {
    const made = await makeCertificate(seedClient, { ...selfSigned, extended_key_usage: ['client_auth'] });
    expect(certificateOf(made).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  },
  'parameters.duration': async (seedClient) => {
    const days = (made: X509Certificate): number => (made.validToDate.getTime() - made.validFromDate.getTime()) / DAY;
    expect(days(certificateOf(await makeCertificate(seedClient, selfSigned)))).toBe(365);
    expect(days(certificateOf(await makeCertificate(seedClient, { ...selfSigned, duration: 12 })))).toBe(12);
  },
  'parameters.ca': async (seedClient) => {
    const ca = await makeCa(seedClient);
    const made = await makeCertificate(seedClient, { common_name: 'leaf', ca: ca.name });
    expect(certificateOf(made).verify(certificateOf(ca).publicKey)).toBe(true);
    expect(partsOf(made).ca).toBe(partsOf(ca).certificate);
  },
  'parameters.is_ca': async (seedClient) => {
    expect(certificateOf(await makeCertificate(seedClient, selfSigned)).ca).toBe(false);
    expect(certificateOf(await makeCa(seedClient)).ca).toBe(true);
  },
  'parameters.self_sign': async (seedClient) => {
    const made = certificateOf(await makeCertificate(seedClient, selfSigned));
    expect(made.verify(made.publicKey)).toBe(true);
    await refuse(seedClient, 'certificate', { common_name: 'x', self_sign: false });
  },
  'One subject field must be specified in the request': async (seedClient) => {
    for (const field of Object.keys(SUBJECT)) await makeCertificate(seedClient, { [field]: 'DE', self_sign: true });
    await refuse(seedClient, 'certificate', { self_sign: true });
  },
  'Acceptable key usages are': async (seedClient) => {
    for (const usage of KEY_USAGES) await makeCertificate(seedClient, { ...selfSigned, key_usage: [usage] });
    await makeCertificate(seedClient, { ...selfSigned, key_usage: KEY_USAGES });
    await refuse(seedClient, 'certificate', { ...selfSigned, key_usage: ['Digital_signature'] });
  },
  'Acceptable extended key usages are': async (seedClient) => {
    const made = certificateOf(await makeCertificate(seedClient, { ...selfSigned, extended_key_usage: EXTENDED }));
    expect(made.keyUsage).toHaveLength(EXTENDED.length);
    await refuse(seedClient, 'certificate', { ...selfSigned, extended_key_usage: ['ocsp_signing'] });
  },
  'At least one signing parameter must be provided': async (seedClient) => {
    const ca = await makeCa(seedClient);
    for (const signing of [{ ca: ca.name }, { is_ca: true }, { self_sign: true }]) {
      await makeCertificate(seedClient, { common_name: 'x', ...signing });
    }
    await refuse(seedClient, 'certificate', { common_name: 'x' });
  },
  'Credential must contain appropriate certificate authority extensions': async (seedClient) => {
    const leaf = await makeCertificate(seedClient, selfSigned);
    await refuse(seedClient, 'certificate', { common_name: 'x', ca: leaf.name });
  },
};

const OWN: Readonly<Record<string, Checks>> = {
  Password: passwordParameters('password'),
  User: { ...passwordParameters('user'), ...user },
  Certificate: { ...keyLength('certificate'), ...certificate },
  RSA: { ...optionalParameters('rsa'), ...keyLength('rsa') },
  SSH: { ...optionalParameters('ssh'), ...keyLength('ssh'), ...ssh },
};

/** `title` is the type as the headings write it. */
export function generateChecks(title: string): Checks {
  const type = title.toLowerCase();
  const make = generate(type);
  const base = BASE[title] ?? {};
  const changed = CHANGED[title] ?? {};
  const again = async (seedClient: SeedClient, parameters: Json, mode: Json): Promise<boolean> => {
    const before = await make(seedClient, base);
    const after = await make(seedClient, parameters, { name: before.name, ...mode });
    return after.id !== before.id;
  };
  return {
    name: async (seedClient) => {
      const name = seedClient.name();
      expect((await make(seedClient, base, { name })).name).toBe(name);
      await seedClient.expectRefused('POST', '/api/v1/data', { type, parameters: base });
    },
    type: async (seedClient) => {
      expect((await make(seedClient, base)).type).toBe(type);
      await seedClient.expectRefused('POST', '/api/v1/data', { name: seedClient.name(), parameters: base });
    },
    mode: async (seedClient) => {
      expect(await again(seedClient, changed, {}), 'no-overwrite by default').toBe(false);
      expect(await again(seedClient, base, { mode: 'overwrite' })).toBe(true);
    },
    'Acceptable modes are': async (seedClient) => {
      expect(await again(seedClient, changed, { mode: 'no-overwrite' }), 'no-overwrite').toBe(false);
      expect(await again(seedClient, base, { mode: 'overwrite' }), 'overwrite').toBe(true);
      expect(await again(seedClient, base, { mode: 'converge' }), 'converge, the same').toBe(false);
      expect(await again(seedClient, changed, { mode: 'converge' }), 'converge, changed').toBe(true);
      await seedClient.expectRefused('POST', '/api/v1/data', {
        name: seedClient.name(),
        type,
        parameters: base,
        mode: 'merge',
      });
    },
    ...additionalPermissionChecks((seedClient, name, more) =>
      seedClient.send('POST', '/api/v1/data', { name, type, parameters: base, ...more }),
    ),
    ...OWN[title],
  };
}
