import { closeConnections } from '../lib/transport.ts';
import { main } from './main.ts';
import { processHost } from './process-host.ts';

/** The process of `credhub`, from its words to its exit code. */
export async function start(words: readonly string[] = process.argv.slice(2)): Promise<void> {
  // A reader that has seen enough, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.exitCode = await main(words, processHost());
  closeConnections();
}
