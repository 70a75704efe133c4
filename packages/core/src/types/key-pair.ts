/**
 * Fields and checks of the types rsa (docs/reference/credhub-server.md#type-rsa) and ssh
 * (docs/reference/credhub-server.md#type-ssh).
 */
import { CredError } from '../errors.ts';
import { type CommandFlag, strictText } from './fields.ts';

export const PRIVATE_KEY_FLAG: CommandFlag = {
  name: 'private',
  char: 'p',
  summary: 'Private key, as file or text',
  takes: 'file',
};

export const keyPairValueFields = {
  public_key: strictText({
    maxLength: 7000,
    flag: { name: 'public', char: 'u', summary: 'Public key, as file or text', takes: 'file' },
  }),
  private_key: strictText({ flag: PRIVATE_KEY_FLAG }),
};

/** Replaces empty keys by null. @throws CredError `missing_rsa_ssh_parameters` without any key */
export function checkKeys(read: { public_key?: string | null; private_key?: string | null }): {
  public_key: string | null;
  private_key: string | null;
} {
  const keys = { public_key: read.public_key || null, private_key: read.private_key || null };
  if (keys.public_key === null && keys.private_key === null) throw new CredError('missing_rsa_ssh_parameters');
  return keys;
}
