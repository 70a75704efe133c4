import { readFileSync } from 'node:fs';
import { ProgramCommand } from '@credplex/command-line';
import { type AuditEvent, systemClock, systemEntropy } from '@credplex/core';
import { string } from '@oclif/core/flags';
import type { Input } from '@oclif/core/interfaces';
import type { Config } from '../config.ts';
import type { Runtime } from '../runtime.ts';
import type { Terminal } from './terminal.ts';

/** What a run of credplex hands to its command. */
export interface RunContext {
  readonly terminal: Terminal;
  /** Of this release. */
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From its call on, Ctrl-C and SIGTERM no longer end the process but resolve it; a second one ends it at once. */
  stopRequested(): Promise<void>;
  /** Opens what a command works with; tests give another. */
  openRuntime(config: Config): Promise<Runtime>;
}

/** What a command works with. */
export interface CommandContext extends Pick<RunContext, 'terminal' | 'stopRequested'> {
  /** The effective configuration. @throws ConfigError */
  config(): Config;
  /**
   * What the server works with, opened at the first call and closed after the command: the outside database, or the running
   * PostgreSQL of the data folder, or that one started for the moment.
   */
  open(): Promise<Runtime>;
  /** The file that the configuration comes from, if it comes from one. */
  readonly configFile: string | undefined;
  /** An audit event by `operator`, for the transaction of a change. */
  audit(action: string, resource: string, details?: AuditEvent['details']): AuditEvent;
}

type Values = Record<string, unknown>;

/** A command of credplex: it has settings, and closes what it has opened. */
export abstract class OperatorCommand extends ProgramCommand<RunContext> {
  static override readonly baseFlags = {
    config: string({ helpValue: 'FILE', summary: 'Settings (YAML); variables CREDPLEX_* override them.' }),
  };
  #runtime: Promise<Runtime> | undefined;

  /** Reads the words of the command and returns what it works with. */
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
