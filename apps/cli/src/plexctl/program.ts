import { fileURLToPath } from 'node:url';
import type { Manifest, Program } from '@credplex/command-line';
import { COMMANDS, TOPICS } from './commands.ts';
import { version } from './version.ts';

/** Put in by the build; absent when the program runs from its sources. */
declare const CREDPLEX_MANIFEST: Manifest | undefined;

/** Returns plexctl as oclif knows it. */
export function plexctl(): Program {
  const isBundle = typeof CREDPLEX_MANIFEST !== 'undefined';
  return {
    name: 'plexctl',
    version: version().version,
    description: 'plexctl issues and manages the cloud credentials of a Plexsphere server.',
    root: fileURLToPath(new URL('.', import.meta.url)),
    commands: COMMANDS,
    ...(isBundle ? { manifest: CREDPLEX_MANIFEST } : {}),
    topics: TOPICS,
    hooks: { command_not_found: `./hooks/command-not-found.${isBundle ? 'js' : 'ts'}` },
  };
}
