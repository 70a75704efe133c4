/**
 * Bodies of CredHub's API against the schemas that OpenAPI shows: a body whose strict form the schema takes is not refused by
 * the server for the form of one field, and one that the schema refuses has the error that the schema names.
 */
import { bodySchema } from '@credplex/contract';
import {
  CREDENTIAL_TYPES,
  CredError,
  type ErrorCode,
  type Field,
  generateFields,
  isJsonList,
  type JsonNode,
  JsonObject,
  jsonText,
  LEVELS,
  parseJson,
  REQUEST_FIELDS,
  type Shape,
  setFields,
  strictForm,
} from '@credplex/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { credhubError } from './errors.ts';
import { openTestApi, type TestApi } from './testing/api.ts';

type Body = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, Field<unknown>>>;
interface Case {
  readonly routeId: string;
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly body: Body;
}

/** Rules of several fields, of the format of a text, or of what is stored: no schema of one field says them. */
const OTHER_RULES: readonly ErrorCode[] = [
  'missing_name',
  'invalid_slash_in_name',
  'invalid_character_in_name',
  'invalid_slash_in_path',
  'invalid_character_in_path',
  'wrong_path_and_actor',
  'type_mismatch',
  'too_many_transitional_versions',
  'invalid_type_with_regenerate_prompt',
  'cannot_regenerate_non_generated_password',
  'cannot_regenerate_non_generated_user',
  'cannot_regenerate_non_generated_certificate',
  'overwrite_and_mode_both_provided',
  'excludes_all_charsets',
  'missing_rsa_ssh_parameters',
  'missing_certificate_credentials',
  'invalid_certificate_value',
  'invalid_ca_value',
  'mixed_ca_name_and_ca',
  'malformed_private_key_format',
  'malformed_private_key_content',
  'malformed_private_key_type',
  'mismatched_certificate_and_private_key',
  'certificate_was_not_signed_by_ca',
  'missing_certificate',
  'missing_certificate_parameters',
  'missing_signing_ca',
  'ca_and_self_sign',
  'invalid_alternate_name',
  'invalid_key_length',
  'invalid_duration',
];
const ABSENT = Symbol('absent');

/** The strict form of a whole body: each leniency applied, what is ignored left out. */
function strictOf(node: JsonNode, shape: Shape): JsonNode {
  const { type, fields = {}, leniencies = [] } = shape;
  if (node instanceof JsonObject && type === 'object') {
    const entries = [...node.entries].filter(([key]) => !fields[key]?.leniencies?.includes('ignoredField'));
    return new JsonObject(
      new Map(entries.map(([key, value]) => [key, fields[key] ? strictOf(value, fields[key]) : value])),
    );
  }
  if (isJsonList(node) && type === 'objects') {
    return node.map((item) => strictOf(item, { type: 'object', fields }));
  }
  if (isJsonList(node)) return node.map((item) => strictForm(item, leniencies));
  return strictForm(node, leniencies);
}

/** Values for one field: of every kind, and at its limits. */
function* valuesFor({ maxLength, minimum, maximum, values }: Shape): Generator<unknown> {
  yield* [ABSENT, null, true, 'true', 0, 5, 2.5, 1e10, '', ' ', 'x', '5', [], [null], ['x'], {}, { x: 1 }];
  if (maxLength !== undefined) yield 'x'.repeat(maxLength + 1);
  if (minimum !== undefined) yield minimum - 1;
  if (maximum !== undefined) yield maximum + 1;
  if (values !== undefined) yield [values[0], 'unknown'];
}

/** Bodies that differ from a good one in one field, at the top or in an object below it. */
function* variants(body: Body, fields: Readonly<Record<string, Shape>>): Generator<Body> {
  yield { ...body, nobody_knows: 1 };
  for (const [key, shape] of Object.entries(fields)) {
    for (const value of valuesFor(shape)) {
      const { [key]: _, ...others } = body;
      yield value === ABSENT ? others : { ...others, [key]: value };
    }
    const inner = body[key];
    if (shape.type !== 'object' || typeof inner !== 'object' || inner === null) continue;
    for (const one of variants(inner as Body, shape.fields ?? {})) yield { ...body, [key]: one };
  }
}

const shapesOf = (fields: Fields): Record<string, Shape> =>
  Object.fromEntries(Object.entries(fields).map(([key, { shape }]) => [key, shape]));

describe.each([1, 2] as const)('level %i', (number) => {
  const level = LEVELS[number];
  let api: TestApi;
  let certificate: { readonly value: Body };
  let certificateId: string;
  let quickId: string;
  let permission: { readonly uuid: string };
  const entry = { path: '/bodies/*', actor: 'uaa-client:other', operations: ['read'] };
  const name = (of: string) => `/bodies/${of}`;
  const parameters: Readonly<Record<string, Body>> = {
    password: { length: 12 },
    user: { length: 12 },
    certificate: { common_name: 'a', organization: 'b', self_sign: true },
    ssh: { ssh_comment: 'c' },
    rsa: {},
  };

  const send = async <T>(method: string, target: string, body?: Body): Promise<T> =>
    (await api.sendRaw(method, target, body)).body as T;

  const idOf = async (certificateName: string): Promise<string> => {
    const target = `/api/v1/certificates?name=${certificateName}`;
    return (await send<{ certificates: { id: string }[] }>('GET', target)).certificates[0]?.id ?? '';
  };

  beforeAll(async () => {
    api = await openTestApi(number);
    for (const [type, given] of Object.entries(parameters)) {
      const made = await send<typeof certificate>('POST', '/api/v1/data', {
        name: name(type),
        type,
        parameters: given,
      });
      if (type === 'certificate') certificate = made;
    }
    certificateId = await idOf(name('certificate'));
    // Its keys are made at once.
    const quick = { ...parameters['certificate'], key_type: 'ecdsa-p256' };
    await send('POST', '/api/v1/data', { name: name('quick'), type: 'certificate', parameters: quick });
    quickId = await idOf(name('quick'));
    permission = await send('POST', '/api/v2/permissions', entry);
  });
  afterAll(() => api.close());

  const texts = (code: ErrorCode, routeId: string): RegExp => {
    const args = new Proxy({}, { get: () => '\u0001' });
    const { text } = credhubError(new CredError(code, args), level, routeId);
    return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\u0001', '.*')}$`, 's');
  };

  const check = async ({ routeId, method, target, fields, body }: Case): Promise<void> => {
    const schema = bodySchema(fields);
    const shapes = shapesOf(fields);
    for (const variant of variants(body, shapes)) {
      const tree = strictOf(parseJson(JSON.stringify(variant)), { type: 'object', fields: shapes });
      const parsed = schema.safeParse(JSON.parse(jsonText(tree)));
      const answer = await api.sendRaw(method, target, variant);
      const { error = '' } = (answer.body ?? {}) as { error?: string };
      const shown = `${routeId} ${JSON.stringify(variant).slice(0, 300)}: ${answer.status} ${error}`;
      if (!parsed.success) {
        const codes = parsed.error.issues.map(({ message }) => message as ErrorCode);
        // A long row of the same letter is no certificate either.
        if (codes.includes('invalid_certificate_length')) codes.push('invalid_certificate_value', 'invalid_ca_value');
        expect(
          codes.some((code) => texts(code, routeId).test(error)),
          `${shown} (${codes})`,
        ).toBe(true);
      } else if ([400, 413, 422].includes(answer.status)) {
        expect(
          OTHER_RULES.some((code) => texts(code, routeId).test(error)),
          shown,
        ).toBe(true);
      }
    }
  };

  const values: Readonly<Record<string, unknown>> = {
    value: 'v',
    json: { a: 1 },
    password: 'p',
    user: { username: 'u', password: 'p' },
    ssh: { public_key: 'a', private_key: 'b' },
    rsa: { public_key: 'a', private_key: 'b' },
  };

  test.each(Object.keys(values))('set %s: server and schema refuse the same, with the same answer', async (type) => {
    const known = CREDENTIAL_TYPES.find((one) => one.name === type);
    if (known === undefined) throw new Error(`no type ${type}`);
    // Without a mode level 1 returns what is stored, and looks at no size.
    const mode = level.setModes === null ? {} : { mode: 'overwrite' };
    const body = { name: name(`set-${type}`), type, value: values[type], ...mode };
    await check({
      routeId: 'setCredential',
      method: 'PUT',
      target: '/api/v1/data',
      fields: { ...setFields(known, level) },
      body,
    });
  });

  test.each(Object.keys(parameters))('generate %s: likewise', async (type) => {
    const known = CREDENTIAL_TYPES.find((one) => one.name === type);
    if (known === undefined) throw new Error(`no type ${type}`);
    // A hit, so that nothing is generated.
    const body = { name: name(type), type, mode: 'no-overwrite', parameters: parameters[type] };
    const fields: Fields = { ...generateFields(known, level) };
    await check({ routeId: 'generateCredential', method: 'POST', target: '/api/v1/data', fields, body });
  });

  test('the other endpoints: likewise', async () => {
    const certificates = `/api/v1/certificates/${certificateId}`;
    const entries = `/api/v2/permissions/${permission.uuid}`;
    const cases: readonly (readonly [keyof typeof REQUEST_FIELDS, string, string, Body])[] = [
      ['regenerateCredential', 'POST', '/api/v1/regenerate', { name: name('password') }],
      ['bulkRegenerate', 'POST', '/api/v1/bulk-regenerate', { signed_by: name('none') }],
      ['createCertificateVersion', 'POST', `${certificates}/versions`, { value: certificate.value }],
      ['regenerateCertificate', 'POST', `/api/v1/certificates/${quickId}/regenerate`, {}],
      ['updateTransitionalVersion', 'PUT', `${certificates}/update_transitional_version`, { version: null }],
      ['addPermissionsV1', 'POST', '/api/v1/permissions', v1Body()],
      ['createPermission', 'POST', '/api/v2/permissions', entry],
      ['putPermission', 'PUT', entries, entry],
      ['patchPermission', 'PATCH', entries, { operations: ['read'] }],
    ];
    for (const [routeId, method, target, body] of cases) {
      await check({ routeId, method, target, fields: REQUEST_FIELDS[routeId], body });
    }
  });

  const v1Body = (): Body => ({
    credential_name: name('password'),
    permissions: [{ actor: 'uaa-client:other', operations: ['read'] }],
  });

  test('a lenient body is stored as its strict form', async () => {
    const lenient =
      '{"name":"/bodies/lenient","type":"PASSWORD","mode":1,"overwrite":null,"parameters":{"length":"12","exclude_upper":1,"exclude_number":" True "}}';
    const strict = {
      name: '/bodies/strict',
      type: 'password',
      mode: 'no-overwrite',
      parameters: { length: 12, exclude_upper: true, exclude_number: true },
    };
    const sent = lenient.replace(number === 2 ? '"overwrite":null,' : '', '');
    expect(await api.sendRaw('POST', '/api/v1/data', undefined, { text: sent })).toMatchObject({ status: 200 });
    expect(await api.sendRaw('POST', '/api/v1/data', strict)).toMatchObject({ status: 200 });
    for (const of of ['lenient', 'strict']) {
      const { value } =
        (await send<{ data: { value: string }[] }>('GET', `/api/v1/data?name=${name(of)}`)).data[0] ?? {};
      expect(value).toMatch(/^[a-z]{12}$/);
    }
  });
});
