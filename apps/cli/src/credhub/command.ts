import { type Definition, ProgramCommand } from '@credplex/command-line';
import type { InferredArgs, InferredFlags, Input, ParserOutput } from '@oclif/core/interfaces';
import { type Api, createApi } from '../lib/api/api.ts';
import { askAuthUrl } from '../lib/api/target.ts';
import { UsageFailure } from '../lib/failure.ts';
import { hasToken } from '../lib/session/config-file.ts';
import { firstToken } from '../lib/session/login.ts';
import { openSession, requireLogin, type Session } from '../lib/session/session.ts';
import { yellow } from '../lib/terminal/colour.ts';
import type { Host } from '../lib/terminal/host.ts';
import type { ParsedLine } from './argv.ts';
import { GLOBAL_FLAGS } from './common-flags.ts';
import { helpText } from './help.ts';

/** The context of a run, for its command, hooks and help. */
export interface RunContext {
  readonly host: Host;
  readonly definitions: readonly Definition[];
  /** What the reader of words has found; absent when only help is shown. */
  readonly line: ParsedLine | undefined;
}

/** The input and dependencies of a command. */
export interface Context<Flags, Args = object> {
  readonly flags: InferredFlags<Flags>;
  readonly args: InferredArgs<Args>;
  readonly host: Host;
  readonly session: Session;
  readonly api: Api;
}

type Values = Record<string, unknown>;

/** The base class of credhub's commands. Arguments are parsed before oclif, by the grammar of go-flags. */
export abstract class CredhubCommand extends ProgramCommand<RunContext> {
  static override readonly baseFlags = GLOBAL_FLAGS;
  /** Whether the command requires a login. */
  static readonly needsLogin: boolean = true;
  #session: Session | undefined;

  /** Makes the checks that come before a command's own work, in the order of the original. */
  protected override async init(): Promise<void> {
    await super.init();
    const { host } = this.context;
    const { superfluous, httpTimeout, command } = this.#line;
    const session = openSession(host, httpTimeout);
    if (session.twoLogins) host.err(yellow(TWO_LOGINS));
    if ('needsLogin' in this.ctor && this.ctor.needsLogin) {
      requireLogin(session);
      if (session.config.authUrl === '') session.config.authUrl = await askAuthUrl(session);
      if (!hasToken(session.config)) await firstToken(session);
    }
    if (superfluous.length > 0) throw new UsageFailure(helpText(command, this.context.definitions, host.columns));
    this.#session = session;
  }

  /** Returns what the reader of words has found. */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    _options?: Input<F, B, A>,
  ): Promise<ParserOutput<F, B, A>> {
    const { values, argument, command } = this.#line;
    const [name] = Object.keys(command.args);
    const args = name === undefined ? {} : { [name]: argument };
    this.parsed = true;
    // The reader fills the values from this very table, so that their types agree.
    const output = { flags: values, args, argv: [], raw: [], metadata: { flags: {} }, nonExistentFlags: [] };
    return output as unknown as ParserOutput<F, B, A>;
  }

  /** Returns what the command works with. */
  protected async open<F extends Values, B extends Values, A extends Values>(command: Input<F, B, A>) {
    const { flags, args } = await this.parse(command);
    if (this.#session === undefined) throw new Error('the command was not initialised');
    return { flags, args, host: this.context.host, session: this.#session, api: createApi(this.#session) };
  }

  get #line(): ParsedLine {
    const { line } = this.context;
    if (line === undefined) throw new Error('no line was read for the command');
    return line;
  }
}

const TWO_LOGINS = `WARNING: Two different login methods were detected:
1. A previously run "credhub login" command created a logged-in state
2. CREDHUB_* environment variables containing credentials and log-in information are present

This command will now proceed after attempting to log you in using the CREDHUB_* environment variables from method 2, hence ignoring the current logged-in state from method 1.

If you want to get rid of this warning message, you have two options:
a. Run "credhub logout". This will remove the logged-in state created by the "credhub login" command. Subsequent commands will use the environment variables to log you in.
b. Unset the "CREDHUB_SERVER" environment variable. Subsequent commands will use your logged-in state.

`;
