/**
 * The schema of the settings, by their names in the YAML file (docs/operate/operations.md#settings).
 */
import { DEFAULT_CREDENTIAL_TTL_SECONDS, OPERATIONS } from '@credplex/core';
import { baseUrl, filePath, secretText, VAULTS, type VaultKind } from '@credplex/storage/vaults';
import * as z from 'zod';
import { parseAddressRange } from './client-address.ts';

/** `host:port`, `[v6]:port` or `:port` (all interfaces). */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text.trim());
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] === '' ? '::' : (match[2] ?? '')), port };
}

const address = z.string().transform((text, context): ListenAddress => {
  const parsed = parseListenAddress(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'must be host:port' });
  return z.NEVER;
});

/** Accepts one address, a list, or several in one text, separated by commas or spaces. */
const addresses = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? given.trim().split(/\s*,\s*|\s+/) : given))
  .pipe(z.array(address).min(1));

/** Accepts a list, or several ranges in one text, separated by commas or spaces. */
const addressRanges = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? given.split(/[\s,]+/).filter((part) => part !== '') : given))
  .pipe(
    z.array(
      z
        .string()
        .refine((text) => parseAddressRange(text) !== undefined, 'must be an IP address or a CIDR (10.0.0.0/8)'),
    ),
  );

const days = z.int().min(0);

const database = z.strictObject({
  /** Default: the embedded PostgreSQL of the data folder. */
  url: secretText.optional(),
  /** Of the whole server; divided over its workers. */
  max_connections: z.int().min(6, 'must be at least 6').max(10_000).optional(),
});

type VaultConfig = { readonly kind: 'sql' | VaultKind } & {
  readonly [Kind in VaultKind]: Readonly<Record<string, unknown>>;
};

/** `kind`, and the settings of each remote vault under its kind. */
const vault = z
  .strictObject({
    kind: z.enum(['sql', ...VAULTS.map(({ kind }) => kind)]).default('sql'),
    ...Object.fromEntries(VAULTS.map(({ kind, configSchema: settings }) => [kind, settings.prefault({})])),
  })
  .superRefine((value, context) => {
    const inUse = VAULTS.find(({ kind }) => kind === value.kind);
    const settings = (value as Readonly<Record<string, unknown>>)[value.kind] as Readonly<Record<string, unknown>>;
    for (const key of inUse?.needed ?? []) {
      if (settings[key] === undefined) {
        context.addIssue({
          code: 'custom',
          path: [value.kind, key],
          message: `is needed with vault.kind ${value.kind}`,
        });
      }
    }
  })
  .prefault({}) as unknown as z.ZodType<VaultConfig>;

/** `key` is the text of a key file; from `passphrase` a key is derived. */
const encryptionKey = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'may hold letters, digits and . _ - (at most 64)'),
    passphrase: secretText.optional(),
    file: filePath.optional(),
    key: secretText.optional(),
    active: z.boolean().default(false),
  })
  .refine((key) => [key.passphrase, key.file, key.key].filter((part) => part !== undefined).length === 1, {
    message: 'needs exactly one of passphrase and file',
  });

/**
 * The paths that `POST /api/v2/permissions` accepts (docs/reference/credhub-server.md#permissions-v2-endpoints): no other path
 * matches a credential.
 */
const permissionPath = z
  .string()
  .max(255)
  .regex(
    /^\/?(?:\*|[\w\-.:,()[\]+]+(?:\/[\w\-.:,()[\]+]+)*(?:\/\*)?)$/,
    'must be the name of a credential, or end with /*',
  );
const actor = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !text.includes('\0'), 'must not hold U+0000');

const permission = z.strictObject({
  path: permissionPath,
  actors: z.array(actor).min(1),
  operations: z.array(z.enum(OPERATIONS)).min(1),
});

const WORKERS = 'must be a number from 1 to 64, or auto';

export const configSchema = z.strictObject({
  level: z.union([z.literal(1), z.literal(2)], { error: 'must be 1 or 2' }).default(1),
  listen: addresses.prefault('127.0.0.1:8844'),
  public_url: baseUrl.optional(),
  /** Proxies whose `X-Forwarded-For` is trusted (client-address.ts). */
  trusted_proxies: addressRanges.prefault([]),
  data_dir: filePath.default('./.credplex'),
  /** Processes that serve requests; `auto`: one per core, at most 8. */
  workers: z.union([z.int().min(1, WORKERS).max(64, WORKERS), z.literal('auto')], { error: WORKERS }).default(1),
  database: database.prefault({}),
  vault,
  encryption: z
    .strictObject({
      keys: z
        .array(encryptionKey)
        .default([])
        .refine((keys) => keys.length === 0 || keys.filter((key) => key.active).length === 1, {
          message: 'exactly one key must be active',
        })
        .refine((keys) => new Set(keys.map((key) => key.name)).size === keys.length, {
          message: 'names must differ',
        }),
    })
    .prefault({}),
  tls: z
    .strictObject({
      certificate: filePath.optional(),
      private_key: filePath.optional(),
      client_ca: filePath.optional(),
    })
    .refine((tls) => (tls.certificate === undefined) === (tls.private_key === undefined), {
      message: 'certificate and private_key belong together',
    })
    .prefault({}),
  auth: z
    .strictObject({
      uaa: z
        .strictObject({ url: baseUrl.optional(), internal_url: baseUrl.optional(), ca: filePath.optional() })
        // With internal_url alone the built-in issuer would be used, and every token of the UAA refused.
        .refine((uaa) => uaa.url !== undefined || uaa.internal_url === undefined, {
          path: ['internal_url'],
          message: 'needs auth.uaa.url beside it',
        })
        .prefault({}),
      oauth: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
    })
    .prefault({}),
  acls: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
  permissions: z.array(permission).default([]),
  certificates: z
    .strictObject({
      concatenate_cas: z.boolean().default(false),
      ca_minimum_duration_in_days: days.default(0),
      leaf_minimum_duration_in_days: days.default(0),
      enable_default_ca_key_usages: z.boolean().default(false),
    })
    .prefault({}),
  plexsphere: z
    .strictObject({
      /** Lifetime of a cloud credential; requests cannot override it. */
      credential_ttl_days: z
        .int()
        .min(1)
        .max(3650)
        .default(DEFAULT_CREDENTIAL_TTL_SECONDS / 86_400),
    })
    .prefault({}),
  outbox: z
    .strictObject({
      /** Retention of events in the table `outbox`. */
      keep_days: z.int().min(1).max(36_500).default(7),
    })
    .prefault({}),
  management: z
    .strictObject({
      listen: address.optional(),
      /** Whether CredHub's `/management` is served to clients on the same machine. */
      local_endpoint: z.boolean().default(true),
    })
    .prefault({}),
  limits: z
    .strictObject({
      body: z
        .int()
        .min(1024)
        .default(32 * 1024 * 1024),
      /** Maximum bytes of request bodies in memory; large responses have a budget of the same size. */
      bodies_in_flight: z
        .int()
        .min(1024 * 1024)
        .default(128 * 1024 * 1024),
      /** Maximum number of values in the JSON document of a request: scalars, lists and objects. */
      json_nodes: z.int().min(100).default(100_000),
    })
    .prefault({}),
  /** `strict`: a start fails when others can read a file with a secret (start/file-access.ts). */
  files: z.strictObject({ strict: z.boolean().default(false) }).prefault({}),
  audit: z.strictObject({ file: filePath.optional(), reads: z.boolean().default(true) }).prefault({}),
  log: z
    .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info') })
    .prefault({}),
});

type Parsed = z.output<typeof configSchema>;
/**
 * The effective configuration. `public_url` defaults to `https://localhost:<port of the first listen address>`. `secret_files` is
 * not a setting: it lists the files that secrets were read from, with the setting or variable of each.
 */
export type Config = Omit<Parsed, 'public_url'> & {
  readonly public_url: string;
  readonly secret_files: readonly { readonly setting: string; readonly path: string }[];
};
