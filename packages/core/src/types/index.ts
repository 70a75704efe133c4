/** Finds credential types in the table (`table.ts`), and lists them as texts for users do. */
import type { CredentialType } from './credential-type.ts';
import * as table from './table.ts';

/** Every type of the table, each with its own names and shapes. */
export type KnownType = (typeof table)[keyof typeof table];
export type TypeName = KnownType['name'];

const position = ({ position: given = Number.MAX_SAFE_INTEGER }: CredentialType): number => given;

/** CredHub's types in the order of its texts, then all others by name. */
export const CREDENTIAL_TYPES: readonly CredentialType[] = Object.values<CredentialType>(table).sort(
  (a, b) => position(a) - position(b) || (a.name < b.name ? -1 : 1),
);
/** The types that can be generated. */
export const GENERATED_TYPES: readonly CredentialType[] = CREDENTIAL_TYPES.filter(({ generation }) => generation);

const byName: ReadonlyMap<string, CredentialType> = new Map(CREDENTIAL_TYPES.map((type) => [type.name, type]));

/** Any case, as in requests. */
export const findType = (name: string): CredentialType | undefined => byName.get(name.toLowerCase());
