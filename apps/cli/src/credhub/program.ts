import { fileURLToPath } from 'node:url';
import type { Manifest, Program } from '@credplex/command-line';
import { COMMANDS } from './commands.ts';
import { CLI_VERSION } from './version.ts';

/** Put in by the build; absent when the program runs from its sources. */
declare const CREDPLEX_MANIFEST: Manifest | undefined;

/** Returns credhub as oclif knows it. */
export function credhub(): Program {
  const isBundle = typeof CREDPLEX_MANIFEST !== 'undefined';
  return {
    name: 'credhub',
    version: CLI_VERSION,
    description: 'credhub stores, generates and reads credentials of a CredHub server.',
    root: fileURLToPath(new URL('.', import.meta.url)),
    commands: COMMANDS,
    ...(isBundle ? { manifest: CREDPLEX_MANIFEST } : {}),
    helpClass: () => import('./help-class.ts'),
  };
}
