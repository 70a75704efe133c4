import type { Command } from './command.ts';

export type CommandTable = Readonly<Record<string, () => Promise<{ readonly command: Command }>>>;

/** Every command by its words. Each is a file of its own, loaded when it is called. */
export const commandTable: CommandTable = {
  'cloud create': () => import('./cloud/create.ts'),
  'cloud credential create': () => import('./cloud/credential/create.ts'),
  'cloud credential get': () => import('./cloud/credential/get.ts'),
  'cloud credential list': () => import('./cloud/credential/list.ts'),
  'cloud credential revoke': () => import('./cloud/credential/revoke.ts'),
  'cloud get': () => import('./cloud/get.ts'),
  'cloud list': () => import('./cloud/list.ts'),
  completion: async () => {
    const { completionOf } = await import('./completion.ts');
    return { command: completionOf(commandTable, topics) };
  },
  'identity-tokens delete': () => import('./identity-tokens/delete.ts'),
  'identity-tokens issue': () => import('./identity-tokens/issue.ts'),
  'identity-tokens list': () => import('./identity-tokens/list.ts'),
  'identity-tokens rotate': () => import('./identity-tokens/rotate.ts'),
  login: () => import('./login.ts'),
  logout: () => import('./logout.ts'),
  'rebac check': () => import('./rebac/check.ts'),
  whoami: () => import('./whoami.ts'),
};

/** What stands above the commands of a topic in the help. */
export const topics: Readonly<Record<string, string>> = {
  cloud: 'Clouds and their credentials.',
  'cloud credential': 'Secrets that a cloud owns: issue, look up, revoke.',
  'identity-tokens': 'Your API tokens: issue, list, rotate, delete.',
  rebac: 'Relations between subjects and resources.',
};
