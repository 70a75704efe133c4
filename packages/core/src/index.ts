/** `@credplex/core`: the credential domain. Importing it does no work. */
export * from './broker/cloud-credentials.ts';
export * from './broker/clouds.ts';
export * from './broker/cursor-key.ts';
export * from './broker/deps.ts';
export * from './broker/first-operator.ts';
export * from './broker/page.ts';
export * from './broker/providers.ts';
export * from './broker/sweep.ts';
export * from './broker/tokens.ts';
export type { Caller } from './caller.ts';
export type { CertificateSettings } from './certificate-settings.ts';
export { createCertificates } from './certificates/index.ts';
export type { Certificates } from './certificates/service.ts';
export * from './certificates/split-authorities.ts';
export { DeferredValue } from './credentials/deferred-value.ts';
export { createCredentials } from './credentials/index.ts';
export * from './credentials/service.ts';
export * from './errors.ts';
export { systemClock, systemEntropy } from './generators/system.ts';
export { isUuid, NIL_UUID } from './identifiers/uuid.ts';
export * from './identifiers/uuid-v7.ts';
export { LENIENCIES, type LeniencyName, strictForm } from './json/leniencies.ts';
export { checkNodes, countNodes, type JsonLimits } from './json/nodes.ts';
export { decodeUtf8, type ParseOptions, parseJson } from './json/parse.ts';
export { parsePrefix } from './json/prefix.ts';
export * from './json/read.ts';
export { jsonText } from './json/text.ts';
export * from './json/tree.ts';
export { describeKey, signatureAlgorithmOf } from './key-algorithms/index.ts';
export type {
  KeyAlgorithm,
  KeyDescription,
  KeyPair,
  SignatureAlgorithm,
  SshKeys,
} from './key-algorithms/key-algorithm.ts';
export * from './level.ts';
export {
  createGenerator,
  type Generator,
  type GeneratorDeps,
  revealValue,
  type Version,
  type VersionRequest,
} from './library/generator.ts';
export { createPermissions } from './permissions/index.ts';
export { inOrder as operationsInOrder, readOperations } from './permissions/operations.ts';
export * from './permissions/paths.ts';
export type { PermissionDeps, Permissions } from './permissions/service.ts';
export * from './ports/accounts.ts';
export * from './ports/audit.ts';
export * from './ports/clock.ts';
export * from './ports/intents.ts';
export * from './ports/permissions.ts';
export * from './ports/pki.ts';
export * from './ports/plexsphere.ts';
export * from './ports/records.ts';
export * from './ports/shared-secrets.ts';
export * from './ports/vault.ts';
export * from './rebac/authz-check.ts';
export * from './rebac/check.ts';
export * from './rebac/gate.ts';
export * from './rebac/grants.ts';
export * from './rebac/ref.ts';
export * from './rebac/service.ts';
export * from './request-fields.ts';
export * from './secret.ts';
export type { SweepReport } from './sweep-rows.ts';
export * from './types/certificate-authorities.ts';
export type * from './types/credential-type.ts';
export type { CommandFlag, Field, Fields, Refusals, Shape, ShownValue } from './types/fields.ts';
export { CREDENTIAL_TYPES, findType, GENERATED_TYPES, type KnownType, type TypeName } from './types/index.ts';
export { quotedList } from './types/quoted-list.ts';
export * from './vault-write.ts';
