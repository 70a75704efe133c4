import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core/config';
import type { Host } from '../lib/host.ts';
import { bindHost, COMMANDS } from './index.ts';
import { CLI_VERSION } from './version.ts';

/** Has oclif find a command by the `explicit` strategy, in a root of its own, and run it with the whole line. */
export async function runCommand(name: string, words: readonly string[], host: Host): Promise<void> {
  const root = fileURLToPath(new URL('.', import.meta.url));
  const config = await Config.load({
    root,
    pjson: {
      name: 'credhub',
      version: CLI_VERSION === 'dev' ? '0.0.0' : CLI_VERSION,
      type: 'module',
      oclif: { bin: 'credhub', commands: { strategy: 'explicit', target: './index.ts', identifier: 'COMMANDS' } },
    },
  });
  bindHost(config, host);
  const found = config.findCommand(name, { must: true });
  // The class is at hand already; oclif would look for its file once more.
  await config.runCommand(name, [...words], { ...found, load: async () => COMMANDS[name] ?? found.load() });
}
