import { defineConfig } from 'drizzle-kit';

/** For `pnpm --filter @credplex/storage migration`: docs/reference/storage.md, "A new migration". */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/schema/index.ts',
  out: './src/schema/migrations',
  breakpoints: false,
});
