import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderTable } from './table.ts';

const headings = ['ID', 'NAME', 'SCOPES'];
const rows = [
  ['019a9b5e-8c1d-7a2b-9f00-1234567890ab', 'ada', 'credhub.read credhub.write'],
  ['019a9b60-0c1d-7a2b-9f00-1234567890ab', 'a rather long name', '-'],
];

describe('a table', () => {
  test('for a pipe is not truncated', () => {
    expect(renderTable(headings, rows, undefined)).toBe(
      'ID                                    NAME                SCOPES\n' +
        '019a9b5e-8c1d-7a2b-9f00-1234567890ab  ada                 credhub.read credhub.write\n' +
        '019a9b60-0c1d-7a2b-9f00-1234567890ab  a rather long name  -\n',
    );
  });

  test('that fits the terminal is unchanged', () => {
    expect(renderTable(headings, rows, 200)).toBe(renderTable(headings, rows, undefined));
  });

  test('truncates the widest column after the first one with an ellipsis', () => {
    expect(renderTable(headings, rows, 70)).toBe(
      'ID                                    NAME             SCOPES\n' +
        '019a9b5e-8c1d-7a2b-9f00-1234567890ab  ada              credhub.read c…\n' +
        '019a9b60-0c1d-7a2b-9f00-1234567890ab  a rather long …  -\n',
    );
  });

  test('truncates its first column, which identifies the row, last', () => {
    const [, line] = renderTable(headings, rows, 40).split('\n');
    expect(line).toBe('019a9b5e-8c1d-7a2b-…  ada       credhub…');
  });

  test('has no line longer than the terminal if each column can have eight characters', () => {
    const table = fc.integer({ min: 1, max: 6 }).chain((columns) =>
      fc.record({
        lines: fc.array(fc.array(fc.string({ maxLength: 60 }), { minLength: columns, maxLength: columns }), {
          minLength: 1,
        }),
        width: fc.integer({ min: columns * 10, max: 120 }),
      }),
    );
    fc.assert(
      fc.property(table, ({ lines: [first = [], ...others], width }) => {
        for (const line of renderTable(first, others, width).split('\n'))
          expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
