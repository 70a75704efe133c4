import { fileURLToPath } from 'node:url';
import type { Manifest, Program } from '@credplex/command-line';
import { COMMANDS } from './commands.ts';

/** Put in by a build that wants help and completion to load no command. */
declare const CREDPLEX_MANIFEST: Manifest | undefined;

/** Returns credplex as oclif knows it. */
export function credplex(version: string): Program {
  return {
    name: 'credplex',
    version,
    description: 'credplex: the server of CredHub and Plexsphere, and its operator command.',
    root: fileURLToPath(new URL('.', import.meta.url)),
    commands: COMMANDS,
    ...(typeof CREDPLEX_MANIFEST === 'undefined' ? {} : { manifest: CREDPLEX_MANIFEST }),
    helpClass: () => import('./help-class.ts'),
  };
}
