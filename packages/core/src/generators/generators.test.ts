import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { cryptPassword } from './crypt-pool.ts';
import { charactersOf, effectiveLength, randomText, randomUsername } from './password.ts';
import { randomSalt, sha512Crypt } from './sha512-crypt.ts';
import { systemEntropy } from './system.ts';

describe('passwords', () => {
  test('hold a character of every enabled class, none of another, and have the asked length', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 4, max: 200 }),
        (exclude_upper, exclude_lower, exclude_number, include_special, length) => {
          const sets = charactersOf({ exclude_upper, exclude_lower, exclude_number, include_special });
          fc.pre(sets.length > 0);
          const text = randomText(sets, length, systemEntropy);
          expect(text).toHaveLength(length);
          for (const set of sets) expect([...text].some((c) => set.includes(c))).toBe(true);
          expect([...text].every((c) => sets.join('').includes(c))).toBe(true);
        },
      ),
    );
  });
  test('put each class anywhere: no position prefers one', () => {
    const sets = charactersOf({ include_special: true });
    const upperAt = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const at = [...randomText(sets, 4, systemEntropy)].findIndex((c) => c >= 'A' && c <= 'Z');
      upperAt[at] = (upperAt[at] ?? 0) + 1;
    }
    for (const count of upperAt) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });
  test('have 30 characters for lengths outside 4 to 200', () => {
    expect([3, 4, 200, 201, -1, undefined].map(effectiveLength)).toEqual([30, 4, 200, 30, 30, 30]);
  });
  test('user names are 20 letters of both cases', () => {
    expect(randomUsername(systemEntropy)).toMatch(/^(?=.*[a-z])(?=.*[A-Z])[A-Za-z]{20}$/);
  });
});

describe('SHA-512 crypt', () => {
  // Each made by crypt(3) of glibc and by `openssl passwd -6`.
  test.each([
    [
      'Hello world!',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    ['', '$6$h3b3JsG5$8VHDPWscbLGYeIXXWuNrM2Zc2f7JySZ9qMMbrTpzhM1eV23yktrpRejCrEhrtUFoqd8fAZCGDOeaD.1htlGmd.'],
    ['p', '$6$........$USGDww9vuHFnJIi1xshHuai7TeOYpN.V7eExKlQb7A3wMH.xCRS7VXVc7dDsVyz8TdFmWoRDsAEykeRjD17E50'],
    [
      'pässwörd 日本 😀',
      '$6$aZ0./bcD$Qt1qnAp4Njitq2rt0VI9MzhiVaFtqMfv4o/su8Ngona9uI1mZeGk3.14ziFVJjAeD7zPZEbCW6zXdsmyYn4q//',
    ],
    [
      'x'.repeat(64),
      '$6$12345678$braGjqYMvf7OoUDkmJWqZbS/S5CCSlVMNtoqNutb/4nN7z1HFk9Oe1N4ZTe1x7kqvTWKn/pEHo7Zgs3XGuch9/',
    ],
    [
      'y'.repeat(200),
      '$6$/./././.$0AOdI3t2GXEyRQKKfYXyIOuCrQUdzQMXYyO4sZP/UTtZOc5zF5SK.iMzw8c0TaOcsxq3UB.1.4Fezf.N5Mwy..',
    ],
  ])('of %j is what crypt(3) gives', (password, known) => {
    expect(sha512Crypt(password, known.split('$')[2] ?? '')).toBe(known);
  });
  test('of a password of the longest length is what the specification says', () => {
    expect(sha512Crypt('z'.repeat(16_384), '........')).toBe(
      // By the specification's text in another language; crypt(3) itself ends at 512 bytes.
      '$6$........$datDErxDSfa6AKV4PbcncYxN6Bb00gThSLhKNKvfclPUw97dLsWW7n7FpHouh.NbB3VBJqaZY11PcOqN5bbJp/',
    );
  });
  test('on threads gives the same, many at once', async () => {
    const jobs = Array.from({ length: 6 }, (_, i) => [`password ${i}`, randomSalt(systemEntropy)] as const);
    expect(await Promise.all(jobs.map(([p, s]) => cryptPassword(p, s)))).toEqual(
      jobs.map(([p, s]) => sha512Crypt(p, s)),
    );
  });
  test('asked for at the moment when idle threads end is made all the same', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await cryptPassword('first', '........');
      vi.advanceTimersByTime(10_000);
      expect(await cryptPassword('second', '........')).toBe(sha512Crypt('second', '........'));
    } finally {
      vi.useRealTimers();
    }
  });
});
