import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CredError } from '../errors.ts';
import { type CursorBinding, readCursor, writeCursor } from './cursor.ts';

const binding: CursorBinding = { key: Buffer.alloc(32, 1), list: 'clouds', actor: 'user:a' };
function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof CredError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('a cursor', () => {
  test('gives its key back to the caller and list that it was made for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string(), fc.string(), (last, list, actor) => {
        const own = { ...binding, list, actor };
        expect(readCursor(own, writeCursor(own, last))).toBe(last);
      }),
    );
  });

  test('with any byte changed, cut or added is invalid', () => {
    const good = writeCursor(binding, 'slug');
    const bytes = Buffer.from(good, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const bad = Buffer.from(bytes);
      bad.writeUInt8(bad.readUInt8(at) ^ 1, at);
      expect(codeOf(() => readCursor(binding, bad.toString('base64url')))).toBe('invalid_cursor');
      expect(codeOf(() => readCursor(binding, bytes.subarray(0, at).toString('base64url')))).toBe('invalid_cursor');
    }
    for (const text of [`${good}=`, `${good}A`, ` ${good}`, `${good}\n`, good.toUpperCase(), ''])
      expect(codeOf(() => readCursor(binding, text))).toBe('invalid_cursor');
  });

  test('that is any other text is invalid', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 700 }), (text) => {
        expect(codeOf(() => readCursor(binding, text))).toBe('invalid_cursor');
      }),
    );
  });

  test('of another caller is a binding mismatch, but only when it is genuine: the tag is looked at first', () => {
    const theirs = writeCursor({ ...binding, actor: 'user:b' }, 'slug');
    expect(codeOf(() => readCursor(binding, theirs))).toBe('cursor_binding_mismatch');
    const forged = Buffer.from(theirs, 'base64url');
    forged.writeUInt8(forged.readUInt8(forged.length - 1) ^ 1, forged.length - 1);
    expect(codeOf(() => readCursor(binding, forged.toString('base64url')))).toBe('invalid_cursor');
  });

  test('of another list, another key or another version is invalid', () => {
    const good = writeCursor(binding, 'slug');
    expect(codeOf(() => readCursor({ ...binding, list: 'cloud-credentials/1' }, good))).toBe('invalid_cursor');
    expect(codeOf(() => readCursor({ ...binding, key: Buffer.alloc(32, 2) }, good))).toBe('invalid_cursor');
    const head = Buffer.from(good, 'base64url').subarray(0, -32);
    head.writeUInt8(2, 0);
    const tag = createHmac('sha256', binding.key).update('cursor\0clouds\0').update(head).digest();
    expect(codeOf(() => readCursor(binding, Buffer.concat([head, tag]).toString('base64url')))).toBe('invalid_cursor');
  });

  test('does not show who it belongs to', () => {
    expect(Buffer.from(writeCursor(binding, 'slug'), 'base64url').includes('user:a')).toBe(false);
  });
});
