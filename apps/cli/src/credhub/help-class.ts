import { contextOf } from '@credplex/command-line/plugin';
import type { Config } from '@oclif/core/interfaces';
import type { RunContext } from './command.ts';
import { helpText } from './help.ts';

/** The help that oclif shows for credhub: in the layout of go-flags, on stderr. */
export default class CredhubHelp {
  readonly #context: RunContext;

  constructor(config: Config) {
    this.#context = contextOf<RunContext>(config);
  }

  /** Shows help of the program, or of the command that the first word names. */
  async showHelp(words: readonly string[]): Promise<void> {
    const { host, definitions } = this.#context;
    const command = definitions.find(({ id }) => id === words[0]);
    host.err(helpText(command, definitions, host.columns));
  }
}
