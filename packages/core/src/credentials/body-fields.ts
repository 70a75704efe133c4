/** The fields of set and generate requests: common fields, fields of the API level, and fields of the type. */
import type { ErrorCode } from '../errors.ts';
import type { Level } from '../level.ts';
import type { CredentialType } from '../types/credential-type.ts';
import { type Field, shapesOf } from '../types/fields.ts';
import { additionalPermissionsField, anyField, MODES, modeField, nameField, overwriteField } from './request.ts';

const TYPE_LENIENCIES = ['typeInAnyCase'] as const;

function typeField(type: CredentialType | undefined, code: ErrorCode) {
  return {
    read: anyField.read,
    shape: {
      type: 'string',
      leniencies: TYPE_LENIENCIES,
      values: type === undefined ? [] : [type.name],
      required: true,
      refusals: { missing: code, kind: code, value: code },
    } as const,
  };
}

const common = { name: nameField, metadata: anyField };

interface Modes {
  mode: ReturnType<typeof modeField>;
  overwrite: typeof overwriteField;
}
interface LevelOneFields {
  additional_permissions: typeof additionalPermissionsField;
}

/** Returns the fields of `PUT /api/v1/data`. `value` is not read here, because its type reads it. */
export function setFields(type: CredentialType, { setModes, additionalPermissions }: Level) {
  return {
    ...common,
    type: typeField(type, 'invalid_type_with_set_prompt'),
    value: {
      read: anyField.read,
      shape: {
        ...type.value,
        required: true,
        refusals: { ...type.value.refusals, missing: 'missing_value', null: 'missing_value' },
      },
    } satisfies Field<unknown>,
    ...(setModes && { mode: modeField(setModes.allowed), overwrite: overwriteField }),
    ...(additionalPermissions && { additional_permissions: additionalPermissionsField }),
  } as typeof common &
    Record<'type' | 'value', Field<ReturnType<typeof anyField.read>>> &
    Partial<Modes & LevelOneFields>;
}

/**
 * `POST /api/v1/data`. Parameters and the old value pass unread, likewise; a type may be unknown, and is refused later.
 */
export function generateFields(type: CredentialType | undefined, { additionalPermissions }: Level) {
  const { parameters = {}, withoutParameters, value } = type?.generation ?? {};
  return {
    ...common,
    type: typeField(type, 'invalid_type_with_generate_prompt'),
    mode: modeField(MODES),
    overwrite: overwriteField,
    parameters: {
      read: anyField.read,
      shape: {
        type: 'object',
        fields: shapesOf(parameters),
        ...(withoutParameters === undefined ? { nullable: true } : { required: true, refusals: withoutParameters }),
      },
    } satisfies Field<unknown>,
    ...(value && { value: { read: anyField.read, shape: value } }),
    ...(additionalPermissions && { additional_permissions: additionalPermissionsField }),
  } as typeof common &
    Modes &
    Record<'type' | 'parameters', Field<ReturnType<typeof anyField.read>>> &
    Partial<Record<'value', Field<ReturnType<typeof anyField.read>>> & LevelOneFields>;
}
