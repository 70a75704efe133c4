/** Reads a new secret from the terminal or stdin, or generates one. Never from a flag, because process lists show flags. */
import type { Verifier } from '@credplex/core';
import { createVerifiers, generatedVerifier, generateSecret } from '../auth/issuer/verifiers.ts';
import type { Terminal } from './terminal.ts';

export const GENERATE_SUMMARY = 'Generate a secret and print it once, alone on stdout.';
export const SECRET_DESCRIPTION =
  'Without --generate the command prompts for the secret, or reads the first line of stdin if that is not a terminal.';

export interface NewSecret {
  readonly verifier: Verifier;
  /** Prints a generated secret; call it after the secret is stored. */
  show(): void;
}

export async function readNewSecret(terminal: Terminal, label: string, generate: boolean): Promise<NewSecret> {
  if (generate) {
    const made = generateSecret();
    return { verifier: generatedVerifier(made), show: () => terminal.out(made.reveal()) };
  }
  return { verifier: await createVerifiers().createChosen(await terminal.newSecret(label)), show: () => {} };
}
