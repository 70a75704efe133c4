import { findNearest } from '@credplex/command-line/nearest';
import type { Hook } from '@oclif/core/hooks';

/** The code of the error that this hook throws; its message is made for users. */
export const UNKNOWN_COMMAND = 'UNKNOWN_COMMAND';

/**
 * Refuses an unknown command and suggests the nearest one. The word itself is not printed, because it may be a secret
 * in a mistyped line.
 */
const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const words = id.split(' ');
  const known = config.commands.map((command) => command.id.split(':'));
  const topic = words.slice(0, -1);
  const next = known.filter((one) => topic.every((word, index) => one[index] === word)).map((one) => one[topic.length]);
  const found = findNearest(
    words.at(-1) ?? '',
    next.filter((word) => word !== undefined),
  );
  throw Object.assign(new Error(refusal(topic.join(' '), found)), { code: UNKNOWN_COMMAND, oclif: { exit: 2 } });
};

function refusal(topic: string, found: string | undefined): string {
  const help = topic === '' ? 'plexctl --help' : `plexctl ${topic} --help`;
  const problem = topic === '' ? 'There is no such command.' : `There is no such command under '${topic}'.`;
  const name = topic === '' ? `plexctl ${found}` : `plexctl ${topic} ${found}`;
  return `${problem}${found === undefined ? '' : ` Did you mean '${name}'?`} See ${help}.`;
}

export default commandNotFound;
