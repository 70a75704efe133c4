/**
 * The flags of `set` and `generate` that depend on the type of the credential, derived from core's table: a new type
 * brings its flags with it. A field that several types have is one flag.
 */
import { withChoices } from '@credplex/command-line';
import { type CommandFlag, type CredentialType, quotedList, type Shape } from '@credplex/core/credential-types';
import { boolean, string } from '@oclif/core/flags';
import type { FlagInput } from '@oclif/core/interfaces';
import { number, type Value } from '../lib/format/json-tree.ts';
import { credentialName } from './flag-types.ts';
import { integer } from './go-flags.ts';

/** A field that a flag fills. */
export interface FlagField {
  readonly field: string;
  readonly flagName: string;
  readonly flag: CommandFlag;
  readonly shape: Shape;
}

function dashed(name: string): string {
  return name.replaceAll('_', '-');
}

function flagFields(shapes: Readonly<Record<string, Shape>>): FlagField[] {
  return Object.entries(shapes).flatMap(([field, shape]) => {
    const { flag } = shape;
    return flag === undefined ? [] : [{ field, flagName: flag.name ?? dashed(field), flag, shape }];
  });
}

/** The fields of a value that is set. A value that is no object is one field, without a name. */
export function valueFieldsOf({ value }: CredentialType): FlagField[] {
  return flagFields(value.type === 'object' ? (value.fields ?? {}) : { '': value });
}

/** The parameters of a type that can be generated. */
export function parameterFieldsOf({ generation }: CredentialType): FlagField[] {
  return flagFields(
    Object.fromEntries(Object.entries(generation?.parameters ?? {}).map(([name, { shape }]) => [name, shape])),
  );
}

/** Defines one flag for each name; its summary begins with the types that have it. */
export function flagsOf(
  types: readonly CredentialType[],
  fieldsOf: (type: CredentialType) => readonly FlagField[],
): FlagInput {
  const labels = new Map<string, { readonly field: FlagField; readonly types: string[] }>();
  for (const type of types) {
    for (const field of fieldsOf(type)) {
      const known = labels.get(field.flagName) ?? { field, types: [] };
      known.types.push(type.label);
      labels.set(field.flagName, known);
    }
  }
  return Object.fromEntries(
    Array.from(labels, ([name, { field, types: having }]) => [name, flagFor(field, `[${having.join(', ')}] `)]),
  );
}

function flagFor({ flag, shape }: FlagField, prefix: string): FlagInput[string] {
  const options = { summary: prefix + flag.summary, ...(flag.char !== undefined && { char: flag.char as 'a' }) };
  if (shape.type === 'boolean') return boolean(options);
  if (shape.type === 'integer') return integer(options);
  const values = shape.values?.map(String) ?? [];
  const flagged = shape.type === 'strings' ? string({ ...options, multiple: true }) : string(options);
  const completed = values.length === 0 ? flagged : withChoices(flagged, values);
  return flag.takes === 'credential' ? credentialName(completed) : completed;
}

/** Returns the value of a flag as a parameter. Like a missing flag, zero, empty and false are not sent. */
export function parameterOf(given: unknown): Value | undefined {
  if (typeof given === 'bigint') return given === 0n ? undefined : number(given);
  if (Array.isArray(given)) return given.length === 0 ? undefined : given.map(String);
  if (typeof given === 'string') return given || undefined;
  return given === true || undefined;
}

/** The flag `--type`, which completes to the names of `types`. The server decides about others. */
export function typeFlag(types: readonly CredentialType[]) {
  return withChoices(string({ char: 't', summary: `Type: ${quotedList(namesOf(types), 'or')}` }), namesOf(types));
}

export function namesOf(types: readonly CredentialType[]): string[] {
  return types.map(({ name }) => name);
}
