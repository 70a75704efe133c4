/**
 * Page cursors: opaque to callers, signed, and valid only for the caller who received them
 * (docs/reference/plexsphere-v1.md#pages).
 *
 * Layout before base64url: version (1 byte), pseudonym of the caller (16), last key (UTF-8), HMAC-SHA-256 (32) over the
 * preceding bytes and the name of the list. The tag is checked first (`invalid_cursor`), then the binding
 * (`cursor_binding_mismatch`), so that a forged cursor reveals nothing about its owner.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { CredError } from '../errors.ts';

const VERSION = 1;
const PSEUDONYM_LENGTH = 16;
const TAG_LENGTH = 32;
/** Longer texts cannot be valid, because keys are slugs or numbers. */
const MAX_TEXT = 512;

export interface CursorBinding {
  /** HMAC key of the installation, 32 bytes. */
  readonly key: Uint8Array;
  /** The list with its parent object: `clouds`, `cloud-credentials/<cloud id>`. */
  readonly list: string;
  /** The caller. */
  readonly actor: string;
}

function pseudonym({ key, actor }: CursorBinding): Buffer {
  return createHmac('sha256', key).update(`cursor-pseudonym\0${actor}`).digest().subarray(0, PSEUDONYM_LENGTH);
}

function tag({ key, list }: CursorBinding, head: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`cursor\0${list}\0`).update(head).digest();
}

/** Returns the cursor of the page that starts after the key `last`. */
export function writeCursor(binding: CursorBinding, last: string): string {
  const head = Buffer.concat([Buffer.of(VERSION), pseudonym(binding), Buffer.from(last)]);
  return Buffer.concat([head, tag(binding, head)]).toString('base64url');
}

/** Returns the key that the page starts after. @throws CredError `invalid_cursor`, `cursor_binding_mismatch` */
export function readCursor(binding: CursorBinding, text: string): string {
  if (text.length > MAX_TEXT) throw new CredError('invalid_cursor');
  const bytes = Buffer.from(text, 'base64url');
  // Node's decoder ignores invalid characters, so the text is compared with its canonical encoding.
  if (bytes.toString('base64url') !== text || bytes.length < 1 + PSEUDONYM_LENGTH + TAG_LENGTH)
    throw new CredError('invalid_cursor');
  const head = bytes.subarray(0, -TAG_LENGTH);
  if (!timingSafeEqual(tag(binding, head), bytes.subarray(-TAG_LENGTH))) throw new CredError('invalid_cursor');
  if (head[0] !== VERSION) throw new CredError('invalid_cursor');
  if (!timingSafeEqual(pseudonym(binding), head.subarray(1, 1 + PSEUDONYM_LENGTH)))
    throw new CredError('cursor_binding_mismatch');
  return head.subarray(1 + PSEUDONYM_LENGTH).toString();
}
