/** What an operator command is, and how the words behind `credplex` become a call of one. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { AuditEvent } from '@credplex/core';
import type { Config } from '../config.ts';
import type { Runtime } from '../runtime.ts';
import type { Terminal } from './terminal.ts';

/** The command cannot do what was asked. Printed as one line; exit status 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The words make no sense; printed with the command's usage. Exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CommandContext {
  readonly terminal: Terminal;
  /** Of this release. */
  readonly version: string;
  /** From its call on, Ctrl-C and SIGTERM no longer end the process but resolve it; a second one ends it at once. */
  stopRequested(): Promise<void>;
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

export interface Words {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
}

export interface Command {
  /** One or two words: `doctor`, `user add`. */
  readonly name: string;
  readonly summary: string;
  /** What follows the name: `NAME [--scope SCOPE]…`. */
  readonly usage: string;
  /** Names of the positional words, all of them needed. */
  readonly positionals: readonly string[];
  readonly options: ParseArgsOptionsConfig;
  /** Lines `--option  meaning`, and what else is worth knowing. */
  readonly help: readonly string[];
  readonly examples: readonly string[];
  run(context: CommandContext, words: Words): Promise<void>;
}

const COMMON: ParseArgsOptionsConfig = { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } };

/** @throws UsageError */
export function readWords(command: Command, args: readonly string[]): Words {
  let parsed: { values: Words['values']; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...args],
      options: { ...command.options, ...COMMON },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    // Node's text ends with advice about `--`; its first sentence is enough. It never repeats a value.
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'wrong words');
  }
  if (parsed.values.help === true) return parsed;
  const missing = command.positionals[parsed.positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  if (parsed.positionals.length > command.positionals.length) throw new UsageError('too many words');
  return parsed;
}

/** A positional that {@link readWords} has made sure of. */
export const word = (words: Words, index: number): string => words.positionals[index] ?? '';

export const option = (words: Words, name: string): string | undefined => {
  const value = words.values[name];
  return typeof value === 'string' ? value : undefined;
};

export const options = (words: Words, name: string): string[] => {
  const value = words.values[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
};

export const flag = (words: Words, name: string): boolean => words.values[name] === true;
