import { readFileSync } from 'node:fs';
import { ProgramCommand } from '@credplex/command-line';
import { type AuditEvent, systemClock, systemEntropy } from '@credplex/core';
import { string } from '@oclif/core/flags';
import type { Input } from '@oclif/core/interfaces';
import type { Config } from '../config.ts';
import type { Runtime } from '../runtime.ts';
import type { ForkWorker } from '../workers/worker-process.ts';
import type { Terminal } from './terminal.ts';

/** The environment that a run of credplex passes to its command. */
export interface RunContext {
  readonly terminal: Terminal;
  /** Version of this release. */
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Resolves on Ctrl-C or SIGTERM, which no longer end the process after this call; a second signal ends it immediately. */
  stopRequested(): Promise<void>;
  /** Starts a process that runs `workers/worker.ts`. */
  readonly forkWorker: ForkWorker;
  /** Opens the stores and use cases; replaced in tests. */
  openRuntime(config: Config): Promise<Runtime>;
}

/** The context of a command. */
export interface CommandContext extends Pick<RunContext, 'terminal' | 'stopRequested'> {
  /** Returns the effective configuration. @throws ConfigError */
  config(): Config;
  /**
   * Opens the stores on the first call; they are closed after the command. The database is the external one, or the embedded
   * PostgreSQL of the data folder, which is started for the command unless it runs.
   */
  open(): Promise<Runtime>;
  /** Path of the configuration file, if there is one. */
  readonly configFile: string | undefined;
  /** Creates an audit event of the actor `operator`, for the transaction of a change. */
  audit(action: string, resource: string, details?: AuditEvent['details']): AuditEvent;
}

type Values = Record<string, unknown>;

/** Base class of commands: reads the settings, and closes the stores after the command. */
export abstract class OperatorCommand extends ProgramCommand<RunContext> {
  static override readonly baseFlags = {
    config: string({ helpValue: 'FILE', summary: 'Settings (YAML); variables CREDPLEX_* override them.' }),
  };
  #runtime: Promise<Runtime> | undefined;

  /** Parses flags and arguments and creates the context. */
  protected async open<F extends Values, B extends Values, A extends Values>(command: Input<F, B, A>) {
    const { flags, args } = await this.parse(command);
    return { flags, args, context: await this.#commandContext(flags.config) };
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    await (await this.#runtime?.catch(() => undefined))?.close();
    await super.finally(error);
  }

  async #commandContext(given: unknown): Promise<CommandContext> {
    const { terminal, stopRequested, env, openRuntime } = this.context;
    const configFile = typeof given === 'string' ? given : env.CREDPLEX_CONFIG || undefined;
    const config = await settingsReader(env, configFile);
    return {
      terminal,
      stopRequested,
      config,
      configFile,
      open: () => {
        this.#runtime ??= openRuntime(config());
        return this.#runtime;
      },
      audit: (action, resource, details) => {
        const event = { at: systemClock.now(), requestId: systemEntropy.uuid(), actor: 'operator', action, resource };
        return details === undefined ? event : { ...event, details };
      },
    };
  }
}

async function settingsReader(env: RunContext['env'], path: string | undefined): Promise<() => Config> {
  const { loadConfig, ConfigError } = await import('../config.ts');
  const readFile = (file: string): string => readFileSync(file, 'utf8');
  let loaded: Config | undefined;
  return () => {
    if (loaded !== undefined) return loaded;
    let file: { path: string; text: string } | undefined;
    try {
      file = path === undefined ? undefined : { path, text: readFile(path) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      throw new ConfigError(`the configuration file ${path} cannot be read${code}`);
    }
    loaded = loadConfig({ env, file, readFile });
    return loaded;
  };
}
