import type { CommandIndex } from '@credplex/command-line';

/** Every command by its name. Each is a file of its own, with its flags, that is loaded when it is called. */
export const COMMANDS: CommandIndex = {
  api: () => import('./commands/api.ts'),
  'bulk-regenerate': () => import('./commands/bulk-regenerate.ts'),
  certificates: () => import('./commands/certificates.ts'),
  completion: () => import('./commands/completion.ts'),
  curl: () => import('./commands/curl.ts'),
  delete: () => import('./commands/delete.ts'),
  'delete-permission': () => import('./commands/delete-permission.ts'),
  export: () => import('./commands/export.ts'),
  find: () => import('./commands/find.ts'),
  generate: () => import('./commands/generate.ts'),
  get: () => import('./commands/get.ts'),
  'get-permission': () => import('./commands/get-permission.ts'),
  import: () => import('./commands/import.ts'),
  interpolate: () => import('./commands/interpolate.ts'),
  login: () => import('./commands/login.ts'),
  logout: () => import('./commands/logout.ts'),
  regenerate: () => import('./commands/regenerate.ts'),
  'rotate-ca': () => import('./commands/rotate-ca.ts'),
  set: () => import('./commands/set.ts'),
  'set-permission': () => import('./commands/set-permission.ts'),
};
