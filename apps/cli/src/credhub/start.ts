import { reportCrashes } from '@credplex/command-line/source-map';
import { requireUtf8Words } from '../lib/terminal/argument-bytes.ts';
import { red } from '../lib/terminal/colour.ts';
import { endOnOutputErrors } from '../lib/terminal/output-errors.ts';

/** The process of `credhub`, from its words to its exit code. */
export async function start(words: readonly string[] = process.argv.slice(2)): Promise<void> {
  // Before oclif is loaded, which throws the errors of stdout.
  endOnOutputErrors(red);
  reportCrashes();
  try {
    requireUtf8Words(words);
  } catch (error) {
    process.stderr.write(red(error instanceof Error ? error.message : String(error)));
    process.exitCode = 1;
    return;
  }
  const [{ main }, { processHost }, { closeConnections }] = await Promise.all([
    import('./main.ts'),
    import('./process-host.ts'),
    import('../lib/network/agents.ts'),
  ]);
  process.exitCode = await main(words, processHost());
  closeConnections();
}

/** Every command by its name, for oclif's own tools. */
export async function loadCommands(): Promise<Readonly<Record<string, unknown>>> {
  const { loadCommands: load } = await import('@credplex/command-line');
  const { credhub } = await import('./program.ts');
  return load(credhub());
}
