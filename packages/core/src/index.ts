/** `@credplex/core`: the credential domain. Importing it does no work. */
export * from './credentials/service.ts';
export * from './errors.ts';
export * from './json/tree.ts';
export * from './level.ts';
export * from './permissions/paths.ts';
export * from './ports/accounts.ts';
export * from './ports/audit.ts';
export * from './ports/clock.ts';
export * from './ports/pki.ts';
export * from './ports/records.ts';
export * from './ports/vault.ts';
export * from './secret.ts';
