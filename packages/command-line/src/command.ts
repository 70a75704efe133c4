import { Command } from '@oclif/core/command';
import { contextOf } from './plugin.ts';

/** The base class of all commands: gives access to the context and passes errors to the program unchanged. */
export abstract class ProgramCommand<Context> extends Command {
  protected get context(): Context {
    return contextOf<Context>(this.config);
  }

  /** Replaces oclif's error handling, which sets the exit code of the process. The program reports errors centrally. */
  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
