/** A new secret: typed, piped in, or generated and shown once. Never a flag: process lists show flags. */
import type { Verifier } from '@credplex/core';
import { createVerifiers, generatedVerifier, generateSecret } from '../auth/issuer/verifiers.ts';
import type { Terminal } from './terminal.ts';

export const GENERATE_SUMMARY = 'Make a secret and print it once, alone on stdout.';
export const SECRET_DESCRIPTION =
  'Without --generate the secret is asked for, or is the first line of stdin where that is no terminal.';

export interface NewSecret {
  readonly verifier: Verifier;
  /** Prints a generated secret; to be called when it is stored. */
  show(): void;
}

export async function readNewSecret(terminal: Terminal, label: string, generate: boolean): Promise<NewSecret> {
  if (generate) {
    const made = generateSecret();
    return { verifier: generatedVerifier(made), show: () => terminal.out(made.reveal()) };
  }
  return { verifier: await createVerifiers().createChosen(await terminal.newSecret(label)), show: () => {} };
}
