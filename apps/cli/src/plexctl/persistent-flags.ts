import { boolean, option, string } from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { usageFailure } from './usage.ts';

const helpGroup = 'PERSISTENT';

/**
 * The flags of every command; they may also stand before the command's name
 * (docs/reference/plexsphere-v1.md#the-plexctl-command-line).
 */
export const persistentFlags = {
  server: string({
    helpGroup,
    helpValue: 'URL',
    summary: 'Server to talk to. Else PLEXSPHERE_URL, else the one of the profile.',
  }),
  profile: string({ helpGroup, helpValue: 'NAME', summary: 'Stored login to use, instead of the default one.' }),
  'token-file': string({
    helpGroup,
    helpValue: 'PATH',
    summary: 'File with the token. Else PLEXSPHERE_TOKEN, else the one of the profile.',
  }),
  'ca-cert': string({
    helpGroup,
    helpValue: 'FILE',
    summary: 'PEM certificates to trust. Else PLEXSPHERE_CA_CERT, else those of the profile. SSL_CERT_FILE counts too.',
  }),
  output: option({ options: ['text', 'json', 'yaml'] as const, default: 'text' as const })({
    helpGroup,
    summary: 'Form of the result.',
  }),
  yes: boolean({ helpGroup, summary: 'Confirm a command that destroys something.' }),
  'reveal-secrets': boolean({ helpGroup, summary: 'Show values that are otherwise hidden.' }),
};

export type PersistentFlags = InferredFlags<typeof persistentFlags>;

/** @throws CommandFailure (exit 2) for a persistent flag whose value is empty. */
export function requirePersistentValues(flags: object): void {
  const given = new Map<string, unknown>(Object.entries(flags));
  for (const name of Object.keys(persistentFlags)) {
    if (given.get(name) === '') throw usageFailure(`--${name} expects a value.`);
  }
}
