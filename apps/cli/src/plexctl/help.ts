import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@oclif/core/run';
import { topics } from './command-table.ts';
import { version } from './version.ts';

interface Topic {
  readonly description: string;
  readonly subtopics: Record<string, Topic>;
}

/**
 * Prints oclif's help of the program, a topic or a command on stdout. The folder of `program` is
 * plexctl's own root, with its own commands, so that nothing of the other program leaks in.
 * @throws when there is no such command or topic
 */
export async function showHelp(of: readonly string[], program: string): Promise<void> {
  const path = fileURLToPath(program);
  const pjson = {
    name: 'plexctl',
    version: version().version,
    description: 'plexctl issues and manages the cloud credentials of a Plexsphere server.',
    type: 'module',
    oclif: {
      bin: 'plexctl',
      topicSeparator: ' ',
      topics: topicTree(),
      commands: {
        strategy: 'explicit',
        target: path.endsWith('.ts') ? './explicit.ts' : './explicit.mjs',
        identifier: 'COMMANDS',
      },
    },
  };
  await run([...of, '--help'], { root: dirname(path), pjson: pjson as never });
}

function topicTree(): Record<string, Topic> {
  const tree: Record<string, Topic> = {};
  for (const [name, description] of Object.entries(topics)) {
    const path = name.split(' ');
    const last = path.pop() ?? '';
    const parent = path.reduce((level, word) => level[word]?.subtopics ?? level, tree);
    parent[last] = { description, subtopics: {} };
  }
  return tree;
}
