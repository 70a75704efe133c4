function utf8(text: string): Uint8Array {
  return Buffer.from(text);
}

function utf16le(text: string): Uint8Array {
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}

function utf16be(text: string): Uint8Array {
  return Buffer.from(utf16le(text)).swap16();
}

function bytes(...parts: (string | readonly number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

const WRONG: readonly (readonly number[])[] = [
  [0xff],
  [0xfe],
  [0x80],
  [0xc3],
  [0xc3, 0x28],
  [0xc0, 0xaf],
  [0xe2, 0x82],
  [0xe2, 0x28, 0xa1],
  [0xe0, 0x80, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xf0, 0x82, 0x82, 0xac],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xef, 0xbf, 0xbe],
  [0xef, 0xbf, 0xbf],
  [0x00],
  [0x01],
  [0x07],
  [0x0b],
  [0x0c],
  [0x1b],
  [0x7f],
  [0xc2, 0x80],
  [0xc2, 0x9f],
];

function long(length: number): string {
  return `# ${'x'.repeat(length)}\n`;
}

export const BYTE_DOCUMENTS: readonly Uint8Array[] = [
  ...['a: é\u{1f600}\nb: [c]\n', '', 'a: "\\q"', '- \u2028 x\n- y', '---\na'].flatMap((text) => [
    utf16le(text),
    utf16be(text),
    utf8(`\ufeff${text}`),
  ]),
  ...WRONG.flatMap((wrong) => [
    bytes(wrong),
    bytes('a: ', wrong, ' b\n'),
    bytes('a: b\nc: d', wrong),
    bytes('a: "b ', wrong, '"\n'),
    bytes('# ', wrong, '\na: b\n'),
    bytes('a: b\n---\n', wrong),
  ]),
  // The reader takes 512 bytes at once, so a wrong byte counts before a wrong character only in the same block.
  ...[300, 480, 500, 505, 506, 507, 508, 509, 510, 511, 512, 515, 600, 1020, 1030].flatMap((length) => [
    bytes(long(length), 'a: ', [0xff], '\n'),
    bytes('a: @\n', long(length), [0xff]),
    bytes('a: b\n...\n', long(length), 'c: ', [0xff], '\n'),
    bytes('a: b\n---\n', 'c: d\n', long(length), [0x01], '\n'),
    bytes(long(length), 'a: é\u{1f600}é\n', [0xc3]),
  ]),
  bytes([0xff, 0xfe]),
  bytes([0xfe, 0xff]),
  bytes([0xff, 0xfe, 0x61]),
  bytes([0xfe, 0xff, 0x00]),
  bytes([0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8]),
  bytes([0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8, 0x61, 0x00]),
  bytes([0xff, 0xfe, 0x00, 0xde, 0x61, 0x00]),
  bytes([0xfe, 0xff, 0xd8, 0x3d, 0xde, 0x00]),
  bytes([0xff, 0xfe, 0x07, 0x00]),
  bytes([0xff, 0xfe, 0x00, 0x00]),
  bytes([0xff, 0xfe, 0xff, 0xff]),
  // Without a mark UTF-16 is no text.
  Buffer.from('a: b', 'utf16le'),
  Buffer.from('a: b', 'utf16le').swap16(),
  bytes([0xff, 0xfe, 0x00, 0x00, 0x61, 0x00, 0x00, 0x00]),
  bytes([0xef, 0xbb, 0xbf]),
  bytes([0xef, 0xbb]),
  utf8('\ufeff\ufeffa: b\nc: d\n'),
  utf8('a: b\n\ufeffc: d\n'),
  utf8('a: \ufeffb\n'),
  utf8('\ufeff# c\n\ufeffa: b\n'),
  utf8('a: "\ufeff"\n'),
  utf8(`${long(506)}\ufeffa: b\n`),
  utf8(`${long(509)}\ufeffa: b\nc: d\n`),
  utf8('a: \ufffd\n'),
  utf8('"\ufffd"'),
  utf8('---\n\ufeff'),
  utf8('a: b\n---\n\ufeffc'),
];
