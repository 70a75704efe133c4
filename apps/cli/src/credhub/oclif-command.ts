import { Command, type Config, Flags, type Interfaces } from '@oclif/core';
import { createApi } from '../lib/api.ts';
import { yellow } from '../lib/colour.ts';
import { hasToken } from '../lib/config-file.ts';
import { UsageFailure } from '../lib/failure.ts';
import type { Host } from '../lib/host.ts';
import { firstToken } from '../lib/login.ts';
import { openSession, requireLogin } from '../lib/session.ts';
import { askAuthUrl } from '../lib/target.ts';
import { parseLine } from './argv.ts';
import type { CommandDefinition } from './command-definition.ts';
import type { FlagTable } from './flag-types.ts';
import { helpText } from './help.ts';

const hosts = new WeakMap<Config, Host>();

/** Gives the commands of a configuration the process they run in. */
export function bindHost(config: Config, host: Host): void {
  hosts.set(config, host);
}

/** An oclif command for a definition. Its words are the whole line, read by our own parser (house rules, 3.8). */
export function toCommand(definition: CommandDefinition): Command.Class {
  return class extends Command {
    static override readonly aliases = definition.alias === undefined ? [] : [definition.alias];
    static override readonly summary = definition.summary;
    static override readonly description = definition.description;
    static override readonly examples = [...definition.examples];
    static override readonly flags = oclifFlags(definition.flags);
    static override readonly strict = false;
    // oclif warns when its own parser was not called.
    override parsed = true;

    /** Config.runCommand passes itself as the options; oclif would load a second configuration from it. */
    static override async run<T extends Command>(
      this: new (
        argv: string[],
        config: Config,
      ) => T,
      argv?: string[],
      options?: Interfaces.LoadOptions,
    ): Promise<ReturnType<T['run']>> {
      const command: { execute?: () => Promise<unknown> } & T = new this(argv ?? [], options as Config);
      return (await command.execute?.()) as ReturnType<T['run']>;
    }

    execute(): Promise<unknown> {
      return this._run();
    }

    override async run(): Promise<void> {
      const host = hosts.get(this.config);
      if (host === undefined) throw new Error('no host bound');
      await runLine(host, this.argv);
    }

    /** The program prints errors itself, in the original's colours. */
    protected override async catch(error: Error): Promise<never> {
      throw error;
    }
  };
}

/** The checks that stand between a line that parses and a command's own work, in the original's order. */
async function runLine(host: Host, words: readonly string[]): Promise<void> {
  const outcome = parseLine(words, host.env);
  if (outcome.kind !== 'run') throw new Error(`not a line to run: ${outcome.kind}`);
  const { command, values, argument, superfluous, httpTimeout } = outcome.line;
  const session = openSession(host, httpTimeout);
  if (session.twoLogins) host.err(yellow(TWO_LOGINS));
  if (command.needsLogin) {
    requireLogin(session);
    if (session.config.authUrl === '') session.config.authUrl = await askAuthUrl(session);
    if (!hasToken(session.config)) await firstToken(session);
  }
  if (superfluous.length > 0) throw new UsageFailure(helpText(command, host.columns));
  await command.run({ values: values as never, argument, host, session, api: createApi(session) });
}

const TWO_LOGINS = `WARNING: Two different login methods were detected:
1. A previously run "credhub login" command created a logged-in state
2. CREDHUB_* environment variables containing credentials and log-in information are present

This command will now proceed after attempting to log you in using the CREDHUB_* environment variables from method 2, hence ignoring the current logged-in state from method 1.

If you want to get rid of this warning message, you have two options:
a. Run "credhub logout". This will remove the logged-in state created by the "credhub login" command. Subsequent commands will use the environment variables to log you in.
b. Unset the "CREDHUB_SERVER" environment variable. Subsequent commands will use your logged-in state.

`;

/** For the manifest, and for tools that read it; oclif never parses with these. */
function oclifFlags(table: FlagTable): Interfaces.FlagInput {
  const flags: Interfaces.FlagInput = {};
  for (const [key, flag] of Object.entries(table)) {
    const shared = { summary: flag.description, required: flag.required, ...(flag.env ? { env: flag.env } : {}) };
    flags[flag.long ?? key] = flag.kind === 'switch' ? Flags.boolean(shared) : Flags.string(shared);
  }
  return flags;
}
