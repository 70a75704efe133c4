import { formatSubject, isUuid } from '@credplex/core';
import type { Runtime } from '../runtime.ts';
import { CommandError } from './errors.ts';
import { parseSubjectName } from './relation-arguments.ts';

/** Parses the owner argument of token commands. */
export const OWNER_DESCRIPTION = 'A user name, user:<uuid> or service:<uuid>.';

/** Returns the owner as tokens name it: `service:`, not `serviceaccount:` as in the relation graph. */
export async function parseOwner({ storage }: Runtime, text: string): Promise<string> {
  const subject = await parseSubjectName(storage.accounts, text);
  if (subject.relation !== undefined || !isUuid(subject.id))
    throw new CommandError(`${JSON.stringify(text)} cannot own a token`);
  if (subject.type === 'serviceaccount') return `service:${subject.id}`;
  if (subject.type !== 'user' || (await storage.accounts.userById(subject.id)) === undefined)
    throw new CommandError(`there is no ${formatSubject(subject)}`);
  return formatSubject(subject);
}
