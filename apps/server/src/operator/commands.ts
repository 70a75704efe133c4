import type { CommandIndex } from '@credplex/command-line';

/** All commands by oclif id, in the order of the help. Each is a file with its flags. */
export const COMMANDS: CommandIndex = {
  serve: () => import('./commands/serve.ts'),
  config: () => import('./commands/config.ts'),
  'user:add': () => import('./commands/user/add.ts'),
  'user:list': () => import('./commands/user/list.ts'),
  'user:passwd': () => import('./commands/user/passwd.ts'),
  'user:remove': () => import('./commands/user/remove.ts'),
  'client:add': () => import('./commands/client/add.ts'),
  'client:list': () => import('./commands/client/list.ts'),
  'client:passwd': () => import('./commands/client/passwd.ts'),
  'client:remove': () => import('./commands/client/remove.ts'),
  'keys:list': () => import('./commands/keys/list.ts'),
  'keys:add': () => import('./commands/keys/add.ts'),
  'keys:activate': () => import('./commands/keys/activate.ts'),
  'keys:retire': () => import('./commands/keys/retire.ts'),
  'token:issue': () => import('./commands/token/issue.ts'),
  'token:list': () => import('./commands/token/list.ts'),
  'token:revoke': () => import('./commands/token/revoke.ts'),
  grant: () => import('./commands/grant.ts'),
  revoke: () => import('./commands/revoke.ts'),
  grants: () => import('./commands/grants.ts'),
  completion: () => import('./commands/completion.ts'),
  audit: () => import('./commands/audit.ts'),
  doctor: () => import('./commands/doctor.ts'),
  'warm-up': () => import('./commands/warm-up.ts'),
};
