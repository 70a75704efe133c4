import { formatSubject, isUuid } from '@credplex/core';
import type { Runtime } from '../runtime.ts';
import { CommandError } from './errors.ts';
import { parseSubjectName } from './relation-arguments.ts';

/** What an operator writes for the owner of a token. */
export const OWNER_DESCRIPTION = 'A user name, user:<uuid> or service:<uuid>.';

/** As tokens name their owner: `service:`, not the relation graph's `serviceaccount:`. */
export async function parseOwner({ storage }: Runtime, text: string): Promise<string> {
  const subject = await parseSubjectName(storage.accounts, text);
  if (subject.relation !== undefined || !isUuid(subject.id))
    throw new CommandError(`${JSON.stringify(text)} cannot own a token`);
  if (subject.type === 'serviceaccount') return `service:${subject.id}`;
  if (subject.type !== 'user' || (await storage.accounts.userById(subject.id)) === undefined)
    throw new CommandError(`there is no ${formatSubject(subject)}`);
  return formatSubject(subject);
}
