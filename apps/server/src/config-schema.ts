/**
 * The settings as one schema, by their names in the YAML file (docs/operate/operations.md#settings). Nothing here reads
 * a file.
 */
import { DEFAULT_CREDENTIAL_TTL_SECONDS, OPERATIONS, Secret } from '@credplex/core';
import { z } from 'zod';
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

/** One address, several in a list, or several in one text with commas or blanks. */
const addresses = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? given.trim().split(/\s*,\s*|\s+/) : given))
  .pipe(z.array(address).min(1));

/** One in a list each, or several in one text with commas or blanks. */
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

/** Something is put behind it, and it is printed: a query would end up in the middle, a password in the log. */
function isBase(text: string): boolean {
  const { username, password } = new URL(text);
  return username === '' && password === '' && !/[?#]/.test(text);
}

const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL', abort: true })
  .refine(isBase, 'must be a URL without user, password, query and fragment')
  .transform((text) => text.replace(/\/+$/, ''));

const secretText = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));
const path = z.string().min(1);
const days = z.int().min(0);

const database = z.strictObject({
  /** Absent: the embedded PostgreSQL of the data folder. */
  url: secretText.optional(),
});

const openbao = z.strictObject({
  address: baseUrl.optional(),
  /** A file is read again when the token in it was renewed. */
  token: z.union([secretText, z.strictObject({ file: path })], { error: 'must be a text or {file: PATH}' }).optional(),
  ca: path.optional(),
  mount: z.string().min(1).default('secret'),
  prefix: z.string().min(1).default('credplex'),
});

const vault = z
  .strictObject({ kind: z.enum(['sql', 'openbao']).default('sql'), openbao: openbao.prefault({}) })
  .superRefine((value, context) => {
    if (value.kind !== 'openbao') return;
    for (const key of ['address', 'token'] as const) {
      if (value.openbao[key] === undefined) {
        context.addIssue({ code: 'custom', path: ['openbao', key], message: 'is needed with vault.kind openbao' });
      }
    }
  });

/** `key`: the key itself (text of a key file); `passphrase`: stretched into one. */
const encryptionKey = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'may hold letters, digits and . _ - (at most 64)'),
    passphrase: secretText.optional(),
    file: path.optional(),
    key: secretText.optional(),
    active: z.boolean().default(false),
  })
  .refine((key) => [key.passphrase, key.file, key.key].filter((part) => part !== undefined).length === 1, {
    message: 'needs exactly one of passphrase and file',
  });

/**
 * Accepts what `POST /api/v2/permissions` accepts (docs/reference/credhub-server.md#permissions-v2-endpoints): no other
 * path or actor ever matches.
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

export const configSchema = z.strictObject({
  level: z.union([z.literal(1), z.literal(2)], { error: 'must be 1 or 2' }).default(1),
  listen: addresses.prefault('127.0.0.1:8844'),
  public_url: baseUrl.optional(),
  /** Whose `X-Forwarded-For` counts (client-address.ts). */
  trusted_proxies: addressRanges.prefault([]),
  data_dir: path.default('./.credplex'),
  database: database.prefault({}),
  vault: vault.prefault({}),
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
    .strictObject({ certificate: path.optional(), private_key: path.optional(), client_ca: path.optional() })
    .refine((tls) => (tls.certificate === undefined) === (tls.private_key === undefined), {
      message: 'certificate and private_key belong together',
    })
    .prefault({}),
  auth: z
    .strictObject({
      uaa: z
        .strictObject({ url: baseUrl.optional(), internal_url: baseUrl.optional(), ca: path.optional() })
        // Alone it would leave the built-in issuer in charge, and every token of the UAA refused.
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
      /** Life of a cloud credential: a request cannot name one. */
      credential_ttl_days: z
        .int()
        .min(1)
        .max(3650)
        .default(DEFAULT_CREDENTIAL_TTL_SECONDS / 86_400),
    })
    .prefault({}),
  outbox: z
    .strictObject({
      /** How long events stay in the table `outbox`. */
      keep_days: z.int().min(1).max(36_500).default(7),
    })
    .prefault({}),
  management: z
    .strictObject({
      listen: address.optional(),
      /** Whether CredHub's `/management` exists for clients on the same machine. */
      local_endpoint: z.boolean().default(true),
    })
    .prefault({}),
  limits: z
    .strictObject({
      body: z
        .int()
        .min(1024)
        .default(32 * 1024 * 1024),
      /** Bytes of request bodies in memory at once; large answers may take as much. */
      bodies_in_flight: z
        .int()
        .min(1024 * 1024)
        .default(128 * 1024 * 1024),
      /** Values in one JSON document of a request: each scalar, list and object counts one. */
      json_nodes: z.int().min(100).default(100_000),
    })
    .prefault({}),
  /** `strict`: a file with a secret that others can read ends a start, wherever it lies (start/file-access.ts). */
  files: z.strictObject({ strict: z.boolean().default(false) }).prefault({}),
  audit: z.strictObject({ file: path.optional(), reads: z.boolean().default(true) }).prefault({}),
  log: z
    .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info') })
    .prefault({}),
});

type Parsed = z.output<typeof configSchema>;
/**
 * `public_url` is always known: by default `https://localhost:<port of the first listen address>`. `secret_files` is no
 * setting: where secrets were read from, and the setting or variable of each.
 */
export type Config = Omit<Parsed, 'public_url'> & {
  readonly public_url: string;
  readonly secret_files: readonly { readonly setting: string; readonly path: string }[];
};
