import { contextOf, type Definition } from '@credplex/command-line';
import type { Config } from '@oclif/core/interfaces';
import type { RunContext } from './command.ts';

/** Prints the help of the program, of a group of commands such as `user`, or of a command, for oclif. */
export default class CredplexHelp {
  readonly #config: Config;

  constructor(config: Config) {
    this.#config = config;
  }

  async showHelp(words: readonly string[]): Promise<void> {
    const { terminal } = contextOf<RunContext>(this.#config);
    const id = words.join(':');
    const visible = this.#config.commands.filter(({ hidden }) => !hidden);
    const command = visible.find((one) => one.id === id);
    const group = visible.filter((one) => one.id.startsWith(`${id}:`));
    if (command !== undefined) terminal.out(commandHelp(command));
    else if (group.length > 0) terminal.out(group.map((one) => `${usage(one)}\n    ${one.summary}`).join('\n'));
    else terminal.out(overview(this.#config.pjson.description ?? '', visible));
  }
}

function nameOf({ id }: Definition): string {
  return id.replaceAll(':', ' ');
}

function overview(description: string, commands: readonly Definition[]): string {
  const width = Math.max(...commands.map(({ id }) => id.length));
  return [
    description,
    '',
    ...commands.map((one) => `  credplex ${nameOf(one).padEnd(width)}  ${one.summary}`),
    '',
    'Every command takes --config FILE (also CREDPLEX_CONFIG) and the CREDPLEX_* variables; `--help` behind it tells more.',
    'The commands work on the database itself, whether the server runs or not.',
  ].join('\n');
}

function commandHelp(command: Definition): string {
  const args = Object.entries(command.args).filter(([, { description }]) => description);
  const lines = [
    ...args.map(([name, { description = '' }]) => [name.toUpperCase(), description] as const),
    ...Object.entries(command.flags).map(([name, flag]) => [flagUsage(name, flag), flag.summary ?? ''] as const),
  ];
  const width = Math.max(...lines.map(([left]) => left.length));
  return [
    usage(command),
    '',
    command.summary,
    ...(command.description ? ['', command.description] : []),
    '',
    ...lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    '',
    'Examples:',
    ...(command.examples ?? []).map((example) => `  ${typeof example === 'string' ? example : example.command}`),
  ].join('\n');
}

function usage(command: Definition): string {
  const args = Object.keys(command.args).map((name) => name.toUpperCase());
  const flags = Object.entries(command.flags)
    .filter(([name]) => name !== 'config')
    .map(([name, flag]) => `[${flagUsage(name, flag)}]${'multiple' in flag && flag.multiple ? '…' : ''}`);
  return ['credplex', nameOf(command), ...args, ...flags].join(' ');
}

function flagUsage(name: string, flag: Definition['flags'][string]): string {
  return flag.type === 'option' ? `--${name} ${String(flag.helpValue ?? 'VALUE')}` : `--${name}`;
}
