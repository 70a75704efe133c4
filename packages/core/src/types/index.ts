/** Looks up credential types in the table (`table.ts`). */
import type { CredentialType } from './credential-type.ts';
import * as table from './table.ts';

/** The union of all types in the table. */
export type KnownType = (typeof table)[keyof typeof table];
export type TypeName = KnownType['name'];

function position({ position: given = Number.MAX_SAFE_INTEGER }: CredentialType): number {
  return given;
}

/** CredHub's types in the order of its error texts, then all others by name. */
export const CREDENTIAL_TYPES: readonly CredentialType[] = Object.values<CredentialType>(table).sort(
  (a, b) => position(a) - position(b) || (a.name < b.name ? -1 : 1),
);
/** The types that can be generated. */
export const GENERATED_TYPES: readonly CredentialType[] = CREDENTIAL_TYPES.filter(({ generation }) => generation);

const byName: ReadonlyMap<string, CredentialType> = new Map(CREDENTIAL_TYPES.map((type) => [type.name, type]));

/** Returns the type with this name, in any case as in requests; undefined for an unknown name. */
export function findType(name: string): CredentialType | undefined {
  return byName.get(name.toLowerCase());
}
