import { loadDefinitions } from '@credplex/command-line';
import { describe, expect, test } from 'vitest';
import { helpText } from './help.ts';
import { credhub } from './program.ts';

const definitions = await loadDefinitions(credhub());

describe('help', () => {
  test.each(definitions.map((command) => [command.id, command] as const))(
    '%s has an example, and fits 80 columns',
    (_, command) => {
      const text = helpText(command, definitions, undefined);
      expect(text).toContain(`Usage:\n  credhub [OPTIONS] ${command.id}`);
      expect(text).toContain(`\nExamples:\n  $ ${command.examples?.[0]}\n`);
      const [body = ''] = text.split('\nExamples:');
      for (const line of body.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    },
  );

  test('the program lists every command with its alias', () => {
    const text = helpText(undefined, definitions, 100);
    expect(text).toContain('Usage:\n  credhub [OPTIONS] [command]\n');
    for (const { id, aliases } of definitions) {
      expect(text).toMatch(
        new RegExp(`^  ${id} +\\S.*${aliases.length === 0 ? '' : ` \\(aliases: ${aliases.join()}\\)`}$`, 'm'),
      );
    }
  });
});
