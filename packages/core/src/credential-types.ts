/**
 * `@credplex/core/credential-types`: the credential types alone, for programs that describe them. It loads none of the use cases.
 */
export type { CredentialType } from './types/credential-type.ts';
export type { CommandFlag, Shape } from './types/fields.ts';
export { CREDENTIAL_TYPES, findType, GENERATED_TYPES, type TypeName } from './types/index.ts';
export { quotedList } from './types/quoted-list.ts';
