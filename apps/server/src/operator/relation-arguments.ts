/** Parses the arguments of relation commands: users by name, `platform` for the only platform object. */
import {
  type AccountRecords,
  CredError,
  formatObject,
  formatSubject,
  isUuid,
  type ObjectRef,
  PLATFORM,
  type PlexsphereRecords,
  parseObject,
  parseSubject,
  type RelationTuple,
  readTuple,
  type SubjectRef,
} from '@credplex/core';
import { CommandError } from './errors.ts';

/** All relations of clouds, the platform and groups. */
export const RELATIONS = ['admin', 'auditor', 'cloud_admin', 'member', 'operator'];

export const RELATION_HELP = [
  'SUBJECT   a user name, user:<uuid>, service:<uuid>, or group:<name>#member for everybody in a group',
  'RELATION  on a cloud: cloud_admin, operator, auditor; on the platform: admin, auditor; on a group: member',
  'RESOURCE  cloud:<uuid>, group:<name>, or platform',
].join('\n');

type Accounts = Pick<AccountRecords, 'userByName' | 'userById'>;

export interface RelationRecords {
  readonly storage: { readonly accounts: Accounts; readonly plexsphere: Pick<PlexsphereRecords, 'cloud'> };
}

/** Parses a subject or a user name. @throws CommandError for an invalid subject or unknown user */
export async function parseSubjectName(accounts: Accounts, text: string): Promise<SubjectRef> {
  if (text.includes(':')) {
    const subject = parseSubject(text);
    if (subject === undefined) throw new CommandError(`${JSON.stringify(text)} names no subject`);
    return subject;
  }
  const user = await accounts.userByName(text);
  if (user === undefined) throw new CommandError(`there is no user ${JSON.stringify(text)}`);
  return { type: 'user', id: user.id };
}

/** Parses a resource. @throws CommandError for an invalid one */
export function parseResource(text: string): ObjectRef {
  if (text === 'platform') return PLATFORM;
  const object = parseObject(text);
  if (object === undefined) throw new CommandError(`${JSON.stringify(text)} names no resource: write type:id`);
  return object;
}

/** Refuses unknown subjects and resources, because the grant would take effect when one is created later. */
async function requireExisting({ storage }: RelationRecords, { subject, resource }: RelationTuple): Promise<void> {
  const missing = (what: string) => new CommandError(`there is no ${what}`);
  if (resource.type === 'platform' && resource.id !== PLATFORM.id) throw missing(formatObject(resource));
  if (resource.type === 'cloud') {
    const cloud = isUuid(resource.id) ? await storage.plexsphere.cloud(resource.id) : undefined;
    if (cloud === undefined) throw missing(formatObject(resource));
  }
  if (subject.type === 'user') {
    const user = isUuid(subject.id) ? await storage.accounts.userById(subject.id) : undefined;
    if (user === undefined) throw missing(formatSubject(subject));
  }
  if (subject.type === 'serviceaccount' && !isUuid(subject.id)) throw missing(formatSubject(subject));
}

/** Parses the three arguments of a relation. @throws CommandError with the reason */
export async function parseTuple(
  runtime: RelationRecords,
  text: { readonly subject: string; readonly relation: string; readonly resource: string },
  { mustExist = true }: { readonly mustExist?: boolean } = {},
): Promise<RelationTuple> {
  const subject = await parseSubjectName(runtime.storage.accounts, text.subject);
  const resource = parseResource(text.resource);
  let tuple: RelationTuple;
  try {
    tuple = readTuple({
      subject: formatSubject(subject),
      relation: text.relation,
      resource: formatObject(resource),
    });
  } catch (error) {
    if (error instanceof CredError) throw new CommandError(error.args.why ?? 'the relation is not valid');
    throw error;
  }
  if (mustExist) await requireExisting(runtime, tuple);
  return tuple;
}
