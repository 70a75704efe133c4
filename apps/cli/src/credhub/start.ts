import { red } from '../lib/colour.ts';
import { endOnOutputErrors } from '../lib/output-errors.ts';
import { closeConnections } from '../lib/transport.ts';
import { main } from './main.ts';
import { processHost } from './process-host.ts';

/** The process of `credhub`, from its words to its exit code. */
export async function start(words: readonly string[] = process.argv.slice(2)): Promise<void> {
  endOnOutputErrors(red);
  process.exitCode = await main(words, processHost());
  closeConnections();
}
