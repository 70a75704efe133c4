import { fileURLToPath } from 'node:url';
import type { Manifest, Program } from '@credplex/command-line';
import { COMMANDS } from './commands.ts';

/** Defined by the build, so that help and completion load no command. */
declare const CREDPLEX_MANIFEST: Manifest | undefined;

/** Returns the definition of credplex for oclif. */
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
