/** `credplex`: finds the command, gives it what it needs, prints what went wrong. The only caller is `main.ts`. */
import { readFileSync } from 'node:fs';
import { CredError, systemClock, systemEntropy } from '@credplex/core';
import type { Config } from '../config.ts';
import type { Runtime } from '../runtime.ts';
import { type Command, type CommandContext, readWords, UsageError } from './command.ts';
import { createTerminal, type Streams } from './terminal.ts';

/** Loaded when asked for: `credplex user list` does not pay for the server. */
const FAMILIES: Readonly<Record<string, () => Promise<{ readonly commands: readonly Command[] }>>> = {
  serve: () => import('./serve.ts'),
  config: () => import('./config.ts'),
  user: () => import('./user.ts'),
  client: () => import('./client.ts'),
  keys: () => import('./keys.ts'),
  token: () => import('./token.ts'),
  grant: () => import('./grant.ts'),
  revoke: () => import('./revoke.ts'),
  grants: () => import('./grants.ts'),
  audit: () => import('./audit.ts'),
  doctor: () => import('./doctor.ts'),
};

export interface ProgramInput extends Streams {
  /** Words behind `credplex`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** See {@link CommandContext.stopRequested}. */
  readonly stopRequested: () => Promise<void>;
}

/** Resolves to the exit status: 0, 1 (could not be done) or 2 (wrong words). */
export async function runProgram(input: ProgramInput): Promise<number> {
  const terminal = createTerminal(input);
  const [first, ...rest] = input.args;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    terminal.out(await overview());
    return 0;
  }
  if (first === '--version') {
    terminal.out(input.version);
    return 0;
  }
  if (first === 'warm-up') {
    // For the set-up script: what a server loads goes into the compile cache, so that already its first start is a warm one.
    await Promise.all([
      import('./serve.ts'),
      import('../start/serve.ts'),
      import('../open.ts'),
      import('../listen.ts'),
    ]);
    return 0;
  }
  const family = Object.hasOwn(FAMILIES, first) ? FAMILIES[first] : undefined;
  if (family === undefined) {
    terminal.err(`credplex: there is no command ${JSON.stringify(first)}; \`credplex help\` lists them`);
    return 2;
  }
  const { commands } = await family();
  const single = commands.find(({ name }) => name === first);
  const command = single ?? commands.find(({ name }) => name === `${first} ${rest[0]}`);
  if (command === undefined) {
    const asked = rest[0] === undefined || rest[0] === '--help' || rest[0] === '-h';
    (asked ? terminal.out : terminal.err)(familyHelp(commands));
    return asked && rest[0] !== undefined ? 0 : 2;
  }
  return runCommand(command, single === undefined ? rest.slice(1) : rest, input, terminal);
}

async function runCommand(
  command: Command,
  args: readonly string[],
  input: ProgramInput,
  terminal: ReturnType<typeof createTerminal>,
): Promise<number> {
  let runtime: Promise<Runtime> | undefined;
  try {
    const words = readWords(command, args);
    if (words.values.help === true) {
      terminal.out(commandHelp(command));
      return 0;
    }
    const given = words.values.config;
    const configFile = typeof given === 'string' ? given : input.env.CREDPLEX_CONFIG || undefined;
    const config = await configLoader(input, configFile);
    const context: CommandContext = {
      terminal,
      version: input.version,
      stopRequested: input.stopRequested,
      config,
      configFile,
      open: () => (runtime ??= import('../open.ts').then(({ open }) => open(config(), { for: 'command' }))),
      audit(action, resource, details) {
        const event = { at: systemClock.now(), requestId: systemEntropy.uuid(), actor: 'operator', action, resource };
        return details === undefined ? event : { ...event, details };
      },
    };
    await command.run(context, words);
    return 0;
  } catch (error) {
    return report(error, command, terminal);
  } finally {
    await (await runtime?.catch(() => undefined))?.close();
  }
}

/** Texts of our own errors are for the operator; of others only the message, never what hangs on it. */
function report(error: unknown, command: Command, terminal: ReturnType<typeof createTerminal>): number {
  if (error instanceof UsageError) {
    terminal.err(`credplex ${command.name}: ${error.message}\nusage: credplex ${command.name} ${command.usage}`);
    return 2;
  }
  for (const line of messageOf(error).split('\n')) terminal.err(`credplex: ${line}`);
  return 1;
}

function messageOf(error: unknown): string {
  if (!(error instanceof CredError)) {
    if (!(error instanceof Error)) return 'something went wrong';
    return databaseMessage(error) ?? error.message;
  }
  switch (error.code) {
    case 'unavailable':
      return 'the database does not answer; is database.url right, and is it running?';
    case 'vault_unavailable':
      return 'the vault does not answer; are vault.openbao.address and token right, and is it unsealed?';
    case 'vault_refused':
      return error.cause instanceof Error ? error.cause.message : 'the vault refuses; see credplex doctor';
    case 'encryption_key_missing':
      return 'what is stored is sealed with a key that encryption.keys does not name; keep a key until credplex keys list shows 0 values for it';
    default:
      return `it could not be done (${error.code})`;
  }
}

/** What stands in the way before there is a schema; the driver's own words may repeat what was sent. */
function databaseMessage(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '28P01' || code === '28000') return 'the database refuses the user or password of database.url';
  if (code === '3D000') return 'the database that database.url names does not exist';
  if (code === '42501') return 'the user of database.url may not make tables in that database';
  const unreachable = /^(ECONN|EHOST|ENET|ETIMEDOUT|ENOTFOUND|EAI_|EPIPE|CONN)/.test(code);
  if (unreachable || error.name === 'PostgresError') {
    return `the database cannot be used (${code}): is database.url right, and is it running?`;
  }
  return undefined;
}

async function configLoader(input: ProgramInput, asked: string | undefined): Promise<() => Config> {
  const { loadConfig, ConfigError } = await import('../config.ts');
  const read = (file: string): string => readFileSync(file, 'utf8');
  let loaded: Config | undefined;
  return () => {
    if (loaded !== undefined) return loaded;
    let file: { path: string; text: string } | undefined;
    try {
      file = asked === undefined ? undefined : { path: asked, text: read(asked) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      throw new ConfigError(`the configuration file ${asked} cannot be read${code}`);
    }
    loaded = loadConfig({ env: input.env, file, readFile: read });
    return loaded;
  };
}

async function overview(): Promise<string> {
  const all = await Promise.all(Object.values(FAMILIES).map((family) => family()));
  const rows = all.flatMap(({ commands }) => commands);
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    'credplex: the server of CredHub and Plexsphere, and its operator command.',
    '',
    ...rows.map(({ name, summary }) => `  credplex ${name.padEnd(width)}  ${summary}`),
    '',
    'Every command takes --config FILE (also CREDPLEX_CONFIG) and the CREDPLEX_* variables; `--help` behind it tells more.',
    'The commands work on the database itself, whether the server runs or not.',
  ].join('\n');
}

const familyHelp = (commands: readonly Command[]): string =>
  commands.map(({ name, usage, summary }) => `credplex ${name} ${usage}\n    ${summary}`).join('\n');

const commandHelp = ({ name, usage, summary, help, examples }: Command): string =>
  [
    `credplex ${name} ${usage}`.trimEnd(),
    '',
    summary,
    ...(help.length > 0 ? ['', ...help.map((line) => `  ${line}`)] : []),
    '  --config FILE  settings (YAML); variables CREDPLEX_* go over it',
    '',
    'Examples:',
    ...examples.map((line) => `  ${line}`),
  ].join('\n');
