function key(length: number): string {
  return 'k'.repeat(length);
}

/** Ten levels of aliases, each with so many of the one before. */
function laughs(width: number, levels: number): string {
  return Array.from({ length: levels }, (_, level) =>
    level === 0 ? 'a0: &a0 [x, y]\n' : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(width)}]\n`,
  ).join('');
}

export const LIMIT_DOCUMENTS: readonly string[] = [
  ...[1022, 1023, 1024, 1025, 1026].flatMap((length) => [
    `${key(length)}: v`,
    `"${key(length)}": v`,
    `a: b\n${key(length)}: v`,
    `{${key(length)}: v}`,
    `{"${key(length)}": v}`,
    `[${key(length)}: v]`,
    `[{${key(length)}: v}]: w`,
    `? ${key(length)}\n: v`,
    `${'\u{1f600}'.repeat(length)}: v`,
    `a: b\n- ${key(length)}: v`,
  ]),
  `a: ${key(5000)}`,
  `- ${key(2000)}\n- [${key(2000)}]`,
  `${'['.repeat(900)}${']'.repeat(900)}`,
  `${'{a: '.repeat(900)}x${'}'.repeat(900)}`,
  '['.repeat(10_001),
  `a: b\nc: ${'['.repeat(10_001)}`,
  `${'- '.repeat(10_001)}a`,
  `\n${'- '.repeat(10_001)}a`,
  '['.repeat(9_000),
  laughs(3, 6),
  laughs(9, 4),
  laughs(9, 6),
  laughs(2, 22),
  `a: &a [${'1, '.repeat(100)}]\nb: [${'*a, '.repeat(12)}]`,
  `a: &a {x: 1}\nb: [${'*a, '.repeat(500)}]`,
  `a: &a {${Array.from({ length: 50 }, (_, index) => `k${index}: ${index}`).join(', ')}}\n${Array.from({ length: 25 }, (_, index) => `m${index}: {<<: *a, k0: x}\n`).join('')}`,
];
