import { isUtf8 } from 'node:buffer';
import { decodeCharacter } from './yaml/encoding.ts';

/** Bytes that are not valid UTF-8. */
export class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
  /** Of the first wrong byte. */
  readonly offset: number;

  constructor(offset: number) {
    super(`not UTF-8 text: wrong byte at offset ${offset}`);
    this.offset = offset;
  }
}

/** Decodes UTF-8 without putting U+FFFD for what is wrong, as Node does. @throws NotUtf8 */
export function decodeUtf8(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  let at = 0;
  for (;;) {
    const character = decodeCharacter(bytes, at, 'utf-8');
    if ('problem' in character) throw new NotUtf8(character.offset);
    at += character.width;
  }
}
