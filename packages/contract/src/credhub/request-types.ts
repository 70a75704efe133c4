/**
 * Bodies of set and generate, one member for each credential type of core's table: a new type is documented by being
 * there.
 */
import {
  CREDENTIAL_TYPES,
  type CredentialType,
  GENERATED_TYPES,
  generateFields,
  type Level,
  type Operation,
  regenerateByDataFields,
  setFields,
  type TypeName,
} from '@credplex/core';
import * as z from 'zod';
import { bodySchema } from './field-schemas.ts';
import { componentName } from './schemas.ts';

interface Grant {
  actor: string;
  operations: Operation[];
}

export interface SetBody {
  name: string;
  type: TypeName;
  value: unknown;
  metadata?: unknown;
  mode?: 'no-overwrite' | 'overwrite' | null;
  overwrite?: boolean | null;
  additional_permissions?: Grant[] | null;
}

export interface GenerateBody {
  name: string;
  type?: string | null;
  parameters?: Readonly<Record<string, unknown>> | null;
  mode?: 'no-overwrite' | 'overwrite' | 'converge' | null;
  overwrite?: boolean | null;
  regenerate?: true;
  value?: { username?: string | null };
  metadata?: unknown;
  additional_permissions?: Grant[] | null;
}

type Member = z.ZodObject<{ type: z.ZodLiteral<string> }>;
function unionOf(members: readonly z.ZodType[]): z.ZodType {
  return z.discriminatedUnion('type', members as unknown as [Member, ...Member[]]);
}

function named(before: string, type: CredentialType, schema: z.ZodType): z.ZodType {
  return schema.meta({ id: componentName(before, type.name, 'Request') });
}

// Mapped unions lose their members' types: what a caller of the client may send is said once more, above.
export function setBodyAt(level: Level): z.ZodType<SetBody, SetBody> {
  return unionOf(CREDENTIAL_TYPES.map((type) => named('Set', type, bodySchema(setFields(type, level))))) as z.ZodType<
    SetBody,
    SetBody
  >;
}

export function generateBodyAt(level: Level): z.ZodType<GenerateBody, GenerateBody> {
  return z.union([
    unionOf(GENERATED_TYPES.map((type) => named('Generate', type, bodySchema(generateFields(type, level))))),
    bodySchema(regenerateByDataFields).meta({
      id: 'RegenerateByDataRequest',
      description: 'Deprecated: the old form of `POST /api/v1/regenerate`',
    }),
  ]) as z.ZodType<GenerateBody, GenerateBody>;
}
