import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core/config';
import type { Host } from '../lib/host.ts';
import { bindHost } from './index.ts';
import { CLI_VERSION } from './version.ts';

/** oclif's view of this program: its commands, found by the `explicit` strategy in a root of their own. */
export async function loadConfig(host: Host): Promise<Config> {
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
  return config;
}
