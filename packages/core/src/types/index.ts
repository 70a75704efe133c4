/** The table of credential types: a new type is one file and one line here. */
import { certificateType } from './certificate.ts';
import type { CredentialType } from './credential-type.ts';
import { jsonType } from './json.ts';
import { passwordType } from './password.ts';
import { rsaType } from './rsa.ts';
import { sshType } from './ssh.ts';
import { userType } from './user.ts';
import { valueType } from './value.ts';

export const CREDENTIAL_TYPES = [
  valueType,
  jsonType,
  passwordType,
  userType,
  certificateType,
  rsaType,
  sshType,
] as const satisfies readonly CredentialType[];

export type TypeName = (typeof CREDENTIAL_TYPES)[number]['name'];

const byName: ReadonlyMap<string, CredentialType> = new Map(CREDENTIAL_TYPES.map((type) => [type.name, type]));

/** Any case, as in requests. */
export const findType = (name: string): CredentialType | undefined => byName.get(name.toLowerCase());
