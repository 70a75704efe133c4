/**
 * `@credplex/core/credential-types`: only the credential types, for programs that describe them, such as the command
 * line. It does not load the use cases.
 */
export type { CredentialType } from './types/credential-type.ts';
export type { CommandFlag, Shape } from './types/fields.ts';
export { CREDENTIAL_TYPES, findType, GENERATED_TYPES, type TypeName } from './types/index.ts';
export { quotedList } from './types/quoted-list.ts';
