/** All tables. Only these files contain column names; `pnpm check` compares them with the migrations. */
export * from './accounts.ts';
export * from './audit.ts';
export * from './credhub.ts';
export * from './plexsphere.ts';
export * from './shared.ts';
