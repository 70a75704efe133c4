/** `@credplex/storage/conformance`: what every backend must do, as vitest suites. */
export type { RecordsUnderTest } from './fixtures.ts';
export { recordsConformance } from './records.ts';
export { type VaultUnderTest, vaultConformance } from './vault.ts';
