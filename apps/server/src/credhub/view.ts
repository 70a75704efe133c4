/**
 * Renders responses as JSON text. Stored JSON texts (values, metadata) are inserted unchanged: they were normalised when they were
 * stored, and parsing them again would cost time and change numbers (docs/reference/credhub-server.md#type-json).
 */
import type { TextReply } from '@credplex/contract';
import {
  type CredentialView,
  DeferredValue,
  type FoundName,
  type ListedCertificate,
  type PermissionRow,
  Secret,
} from '@credplex/core';
import type { BodyReservation } from '../body-budget.ts';
import { nextTurn } from '../turns.ts';

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Formats a time in UTC with whole seconds (docs/reference/credhub-server.md#credential-object). */
function timeText(time: Date): string {
  return `${time.toISOString().slice(0, -5)}Z`;
}

function list(items: readonly string[]): string {
  return `[${items.join(',')}]`;
}
function timeOrNull(time: Date | null): string {
  return time === null ? 'null' : `"${timeText(time)}"`;
}

/** Returns the additional fields of certificates, in alphabetical order. */
function certificateFields(certificate: NonNullable<CredentialView['certificate']>): string {
  const { generation } = certificate;
  return [
    `,"certificate_authority":${certificate.certificateAuthority}`,
    generation === undefined
      ? ''
      : `,"duration_overridden":${generation.durationOverridden},"duration_used":${generation.durationUsed}`,
    `,"expiry_date":${timeOrNull(certificate.expiryDate)}`,
    certificate.generated === null ? '' : `,"generated":${certificate.generated}`,
    generation === undefined ? '' : `,"key_length":${generation.keyLength}`,
    `,"self_signed":${certificate.selfSigned},"transitional":${certificate.transitional}`,
  ].join('');
}

function headOf({ type, versionCreatedAt, id, name, metadata }: CredentialView): string {
  return `{"type":"${type}","version_created_at":"${timeText(versionCreatedAt)}","id":"${id}","name":${quote(name)},"metadata":${metadata ?? 'null'},"value":`;
}

function tailOf({ certificate }: CredentialView): string {
  return certificate === undefined ? '}' : `${certificateFields(certificate)}}`;
}

/** Smaller texts are joined: each piece is a chunk and a TLS record. */
const PIECE_CHARS = 16 * 1024;

/** Maximum length of values that are joined into one text. */
const MAX_JOINED_CHARS = 256 * 1024;

function isSmall(value: CredentialView['value']): value is Secret {
  return value instanceof Secret && !value.isBytes && value.size <= MAX_JOINED_CHARS;
}

/** Returns the values if they are small enough to be joined into one text. */
function smallValues(views: readonly CredentialView[]): Secret[] | undefined {
  const values: Secret[] = [];
  let left = MAX_JOINED_CHARS;
  for (const { value } of views) {
    if (!isSmall(value)) return undefined;
    left -= value.size;
    if (left < 0) return undefined;
    values.push(value);
  }
  return values;
}

/** Renders views as JSON between `before` and `after`. Large values are opened one at a time while streaming. */
function viewsJson(
  before: string,
  views: readonly CredentialView[],
  after: string,
  openReservation: () => BodyReservation,
): string | AsyncIterable<string | Uint8Array> {
  const [only] = views;
  if (views.length === 1 && only !== undefined && isSmall(only.value)) {
    return `${before}${headOf(only)}${only.value.reveal()}${tailOf(only)}${after}`;
  }
  const values = smallValues(views);
  if (values === undefined) return viewPieces(before, views, after, openReservation);
  const texts = views.map((view, n) => `${headOf(view)}${values[n]?.reveal()}${tailOf(view)}`);
  return `${before}${texts.join(',')}${after}`;
}

async function* viewPieces(
  before: string,
  views: readonly CredentialView[],
  after: string,
  openReservation: () => BodyReservation,
): AsyncIterable<string | Uint8Array> {
  const reservation = openReservation();
  let text = before;
  let separator = '';
  try {
    for (const view of views) {
      const value = view.value instanceof DeferredValue ? await openDeferred(view.value, reservation) : view.value;
      text += separator + headOf(view);
      if (value.isBytes || value.size > PIECE_CHARS) {
        yield text;
        yield pieceOf(value);
        text = tailOf(view);
      } else text += value.reveal() + tailOf(view);
      if (text.length >= PIECE_CHARS) {
        yield text;
        text = '';
        await nextTurn();
      }
      separator = ',';
    }
    yield text + after;
  } finally {
    reservation.release();
  }
}

/** Releases the previous value, which has been sent, before waiting for memory for the next one. */
async function openDeferred(value: DeferredValue, reservation: BodyReservation): Promise<Secret> {
  reservation.release();
  await reservation.grow(value.size);
  return value.open();
}

function pieceOf(value: Secret): string | Uint8Array {
  return value.isBytes || value.size > MAX_JOINED_CHARS ? value.revealBytes() : value.reveal();
}

/** Renders a secret JSON text; `reservation` is released when it is sent. */
export function secretJson(json: Secret, reservation: BodyReservation): NonNullable<TextReply['json']> {
  if (json.isBytes) return releaseAfter([pieceOf(json)], reservation);
  reservation.release();
  return json.reveal();
}

async function* releaseAfter(pieces: Iterable<string | Uint8Array>, reservation: BodyReservation) {
  try {
    yield* pieces;
  } finally {
    reservation.release();
  }
}

type Json = (
  views: readonly CredentialView[],
  openReservation: () => BodyReservation,
) => NonNullable<TextReply['json']>;

export function credentialJson(
  view: CredentialView,
  openReservation: () => BodyReservation,
): NonNullable<TextReply['json']> {
  return viewsJson('', [view], '', openReservation);
}
export const credentialsJson: Json = (views, openReservation) => viewsJson('[', views, ']', openReservation);
export const dataJson: Json = (views, openReservation) => viewsJson('{"data":[', views, ']}', openReservation);

function foundText({ versionCreatedAt, name, expiresAt }: FoundName): string {
  const head = `{"version_created_at":"${versionCreatedAt}","name":${quote(name)}`;
  return expiresAt === undefined ? `${head}}` : `${head},"expiry_date":"${expiresAt}"}`;
}

/** Renders found names in pieces, so that a million names are never in memory at the same time. */
export async function* foundTexts(pages: AsyncIterable<readonly FoundName[]>): AsyncIterable<string> {
  let before = '{"credentials":[';
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield before + page.map(foundText).join(',');
    before = ',';
  }
  yield before === ',' ? ']}' : `${before}]}`;
}

export function pathsJson(paths: readonly string[]): ListJson {
  return listJson('{"paths":', paths, '}', (path) => `{"path":${quote(path)}}`);
}

export function namesText(names: readonly string[]): string {
  return list(names.map(quote));
}

function listedVersionText({ id, certificate }: ListedCertificate['versions'][number]): string {
  const generated = certificate?.generated ?? null;
  return [
    `{"id":"${id}"`,
    `"expiry_date":${timeOrNull(certificate?.expiresAt ?? null)}`,
    `"transitional":${certificate?.transitional ?? false}`,
    `"certificate_authority":${certificate?.certificateAuthority ?? false}`,
    // Omitted when it is unknown (recorded: certificates, "create version").
    `"self_signed":${certificate?.selfSigned ?? false}${generated === null ? '' : `,"generated":${generated}`}}`,
  ].join(',');
}

function listedText({ name, versions, signs, credentialId }: ListedCertificate): string {
  const signedBy = versions[0]?.certificate?.caName ?? '';
  return `{"name":${quote(name)},"versions":${list(versions.map(listedVersionText))},"signed_by":${quote(signedBy)},"signs":${namesText(signs)},"id":"${credentialId}"}`;
}

export function certificatesJson(certificates: readonly ListedCertificate[]): ListJson {
  return listJson('{"certificates":', certificates, '}', listedText);
}

export function permissionText({ path, operations, actor, uuid }: PermissionRow): string {
  return `{"path":${quote(path)},"operations":${namesText(operations)},"actor":${quote(actor)},"uuid":"${uuid}"}`;
}

/** `withPath`: level 2 shows the path (docs/reference/credhub-server.md#levels). */
export function credentialPermissionsJson(
  { credentialName, permissions }: { credentialName: string; permissions: readonly PermissionRow[] },
  withPath: boolean,
): ListJson {
  return listJson(
    `{"credential_name":${quote(credentialName)},"permissions":`,
    permissions,
    '}',
    ({ actor, operations, path }) =>
      `{"actor":${quote(actor)},"operations":${namesText(operations)}${withPath ? `,"path":${quote(path)}` : ''}}`,
  );
}

type ListJson = string | AsyncIterable<string>;

/** Elements that are written in one go. */
const LIST_PIECE = 200;

/** A list between two texts; a long one in pieces, each made when the client has taken those before. */
function listJson<T>(before: string, items: readonly T[], after: string, text: (item: T) => string): ListJson {
  if (items.length <= LIST_PIECE) return `${before}${list(items.map(text))}${after}`;
  return listPieces(before, items, after, text);
}

async function* listPieces<T>(
  before: string,
  items: readonly T[],
  after: string,
  text: (item: T) => string,
): AsyncIterable<string> {
  for (let at = 0; at < items.length; at += LIST_PIECE) {
    await nextTurn();
    yield `${at === 0 ? `${before}[` : ','}${items
      .slice(at, at + LIST_PIECE)
      .map(text)
      .join(',')}`;
  }
  yield `]${after}`;
}
