import { Command } from '@oclif/core/command';
import { contextOf } from './plugin.ts';

/** What the commands of all programs have in common: a context, and errors that reach the program as they are. */
export abstract class ProgramCommand<Context> extends Command {
  protected get context(): Context {
    return contextOf<Context>(this.config);
  }

  /** oclif would set the exit code of the process by itself; the program reports every error in one place. */
  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
