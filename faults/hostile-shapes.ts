/** Requests whose shape is as expensive as possible for the server. */
const MIB = 1024 * 1024;
/** The limit of `limits.body`. */
const MAX_BODY_BYTES = 32 * MIB;

export interface Shape {
  readonly name: string;
  /** Number of concurrent requests. */
  readonly times: number;
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer | undefined;
  readonly contentType?: string;
  /** Allowed statuses. */
  readonly statuses: readonly number[];
  /** Excluded from the small run, because it takes long. */
  readonly onlyWhole?: boolean;
  /** Content-Length of a body that is never sent; the connection stays open. */
  readonly announced?: number;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function fillBody(before: string, piece: string, after: string, size: number): Buffer {
  const whole = Buffer.alloc(size, 0x20);
  whole.write(before);
  const end = size - Buffer.byteLength(after);
  whole.fill(piece, Buffer.byteLength(before), end - ((end - Buffer.byteLength(before)) % Buffer.byteLength(piece)));
  whole.write(after, end);
  return whole;
}

function value(name: string, piece: string, size: number): Buffer {
  return fillBody(`{"name":"${name}","type":"value","value":"`, piece, '"}', size);
}

const set = { method: 'PUT', path: '/api/v1/data' } as const;
const generate = { method: 'POST', path: '/api/v1/data' } as const;
const REFUSED = [400, 413, 422, 503];
const ACCEPTED = [200, 503];

function certificate(parameters: object): object {
  return {
    name: '/hostile/certificate',
    type: 'certificate',
    parameters: { common_name: 'a', self_sign: true, ...parameters },
  };
}

/** Bodies of up to 256 KiB. */
const SMALL: readonly Shape[] = [
  { name: 'zeros, 256 KiB', times: 20, ...set, body: fillBody('[', '0,', '0]', 256 * 1024), statuses: REFUSED },
  { name: 'lists, 256 KiB', times: 20, ...set, body: fillBody('[', '[],', '0]', 256 * 1024), statuses: REFUSED },
  { name: 'nesting, 256 KiB', times: 20, ...set, body: Buffer.alloc(256 * 1024, '['), statuses: REFUSED },
  { name: 'digits, 256 KiB', times: 20, ...set, body: Buffer.alloc(256 * 1024, '7'), statuses: REFUSED },
  {
    name: 'a number beyond all doubles',
    times: 20,
    ...set,
    body: json({ name: '/n', type: 'json', value: 0 }),
    statuses: [200],
  },
  {
    name: 'keys, 256 KiB',
    times: 20,
    ...set,
    body: json({
      name: '/hostile/keys',
      type: 'json',
      value: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n])),
    }),
    statuses: ACCEPTED,
  },
  {
    name: 'lone surrogates, 256 KiB',
    times: 20,
    ...set,
    body: value('/hostile/surrogates', '\\ud800', 255 * 1024),
    statuses: ACCEPTED,
  },
  {
    name: 'a name of slashes',
    times: 20,
    ...set,
    body: json({ name: '/a'.repeat(100_000), type: 'value', value: 'v' }),
    statuses: REFUSED,
  },
  {
    name: 'metadata, 200 KiB',
    times: 20,
    ...set,
    body: json({ name: '/m', type: 'value', value: 'v', metadata: { a: 'x'.repeat(200_000) } }),
    statuses: REFUSED,
  },
  {
    name: 'alternative names',
    times: 20,
    ...generate,
    body: json(certificate({ alternative_names: Array.from({ length: 1000 }, (_, n) => `${'a.'.repeat(110)}n${n}`) })),
    statuses: [200, 413, 503],
  },
  {
    name: 'an alternative name of labels',
    times: 20,
    ...generate,
    body: json(certificate({ alternative_names: ['a.'.repeat(100_000)] })),
    statuses: REFUSED,
  },
  {
    name: 'PEM objects',
    times: 20,
    ...set,
    body: json({
      name: '/p',
      type: 'certificate',
      value: {
        certificate: '-----BEGIN CERTIFICATE-----\n'.repeat(100),
        private_key: '-----BEGIN X-----\n'.repeat(12_000),
      },
    }),
    statuses: REFUSED,
  },
  {
    name: 'permission entries',
    times: 5,
    method: 'POST',
    path: '/api/v1/permissions',
    body: json({
      credential_name: '/light',
      permissions: Array.from({ length: 1000 }, (_, n) => ({ actor: `uaa-client:${n}`, operations: ['read'] })),
    }),
    statuses: [201, 409],
  },
  {
    name: 'a form of 20,000 names',
    times: 20,
    method: 'POST',
    path: '/uaa/oauth/token',
    contentType: 'application/x-www-form-urlencoded',
    body: Buffer.from(Array.from({ length: 12_000 }, (_, n) => n.toString(36)).join('&')),
    statuses: [400, 401],
  },
];

/** Bodies of up to 32 MiB. */
const LARGE: readonly Shape[] = [
  { name: 'zeros, 30 MiB', times: 10, ...set, body: fillBody('[', '0,', '0]', 30 * MIB), statuses: REFUSED },
  { name: 'values, 32 MiB', times: 10, ...set, body: value('/hostile/value', 'x', MAX_BODY_BYTES), statuses: ACCEPTED },
  {
    name: 'values of wide characters, 32 MiB',
    onlyWhole: true,
    times: 10,
    ...set,
    body: value('/hostile/wide', '€', MAX_BODY_BYTES),
    statuses: ACCEPTED,
  },
  {
    name: 'escapes, 32 MiB',
    onlyWhole: true,
    times: 10,
    ...set,
    body: value('/hostile/escapes', '\\n', MAX_BODY_BYTES),
    statuses: ACCEPTED,
  },
  {
    name: 'lone surrogates, 32 MiB',
    times: 4,
    ...set,
    body: value('/hostile/surrogates', '\\ud800', MAX_BODY_BYTES),
    statuses: ACCEPTED,
  },
  {
    name: 'JSON of one wide character, 32 MiB',
    onlyWhole: true,
    times: 10,
    ...set,
    body: fillBody('{"name":"/hostile/wide-json","type":"json","value":{"a":"€', 'x', '"}}', MAX_BODY_BYTES),
    statuses: ACCEPTED,
  },
  { name: 'nesting, 32 MiB', times: 10, ...set, body: Buffer.alloc(MAX_BODY_BYTES, '['), statuses: REFUSED },
  {
    name: 'digits, 32 MiB',
    onlyWhole: true,
    times: 10,
    ...set,
    body: Buffer.alloc(MAX_BODY_BYTES, '7'),
    statuses: REFUSED,
  },
  {
    name: 'UTF-32, 32 MiB',
    onlyWhole: true,
    times: 4,
    ...set,
    contentType: 'application/json;charset=utf-32',
    body: fillBody('[\0\0\0', '"\0\0\0', ']\0\0\0', MAX_BODY_BYTES),
    statuses: REFUSED,
  },
  {
    name: 'a private key, 32 MiB',
    times: 4,
    ...set,
    body: fillBody('{"name":"/hostile/key","type":"certificate","value":{"private_key":"', 'x', '"}}', MAX_BODY_BYTES),
    statuses: REFUSED,
  },
  {
    name: 'one credential 30 times',
    times: 6,
    method: 'POST',
    path: '/api/v1/interpolate',
    body: json({ s: new Array(30).fill({ credentials: { 'credhub-ref': '/hostile/json' } }) }),
    statuses: ACCEPTED,
  },
  {
    name: 'one credential 3,000 times',
    times: 10,
    method: 'POST',
    path: '/api/v1/interpolate',
    body: json({ s: new Array(3000).fill({ credentials: { 'credhub-ref': '/hostile/json' } }) }),
    statuses: [413],
  },
  {
    name: 'reads of 32 MiB',
    times: 10,
    method: 'GET',
    path: '/api/v1/data?name=/hostile/value&current=true',
    statuses: ACCEPTED,
  },
  {
    name: 'lists of large versions',
    onlyWhole: true,
    times: 4,
    method: 'GET',
    path: '/api/v1/data?name=/hostile/escapes',
    statuses: ACCEPTED,
  },
];

/** Credentials that {@link SHAPES} need. */
export const PREPARED_CREDENTIALS: readonly unknown[] = [
  { name: '/light', type: 'value', value: 'light' },
  { name: '/hostile/json', type: 'json', value: { text: 'x'.repeat(MIB) } },
];

export const SHAPES: readonly Shape[] = [...SMALL, ...LARGE];

/** Requests with a Content-Length whose body is never sent. */
export const ANNOUNCED: Shape = { name: 'announced only', times: 100, ...set, announced: MAX_BODY_BYTES, statuses: [] };
