import type { CommandIndex } from '@credplex/command-line';

/** Every command by its oclif id. Each is a file of its own, with its flags, that is loaded when it is called. */
export const COMMANDS: CommandIndex = {
  'cloud:create': () => import('./commands/cloud/create.ts'),
  'cloud:credential:create': () => import('./commands/cloud/credential/create.ts'),
  'cloud:credential:get': () => import('./commands/cloud/credential/get.ts'),
  'cloud:credential:list': () => import('./commands/cloud/credential/list.ts'),
  'cloud:credential:revoke': () => import('./commands/cloud/credential/revoke.ts'),
  'cloud:get': () => import('./commands/cloud/get.ts'),
  'cloud:list': () => import('./commands/cloud/list.ts'),
  completion: () => import('./commands/completion.ts'),
  'identity-tokens:delete': () => import('./commands/identity-tokens/delete.ts'),
  'identity-tokens:issue': () => import('./commands/identity-tokens/issue.ts'),
  'identity-tokens:list': () => import('./commands/identity-tokens/list.ts'),
  'identity-tokens:rotate': () => import('./commands/identity-tokens/rotate.ts'),
  login: () => import('./commands/login.ts'),
  logout: () => import('./commands/logout.ts'),
  'rebac:check': () => import('./commands/rebac/check.ts'),
  whoami: () => import('./commands/whoami.ts'),
};

/** Descriptions of topics in the help. */
export const TOPICS: Readonly<Record<string, string>> = {
  cloud: 'Clouds and their credentials.',
  'cloud credential': 'Secrets that a cloud owns: issue, look up, revoke.',
  'identity-tokens': 'Your API tokens: issue, list, rotate, delete.',
  rebac: 'Relations between subjects and resources.',
};
