import { describe, expect, it } from 'vitest';
import { COMMANDS } from './definitions.ts';
import { helpText } from './help.ts';

describe('help', () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s has an example, and fits 80 columns',
    (_, command) => {
      const text = helpText(command, undefined);
      expect(text).toContain(`Usage:\n  credhub [OPTIONS] ${command.name}`);
      expect(text).toContain(`\nExamples:\n  $ ${command.examples[0]}\n`);
      const [body = ''] = text.split('\nExamples:');
      for (const line of body.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    },
  );

  it('the program lists every command with its alias', () => {
    const text = helpText(undefined, 100);
    expect(text).toContain('Usage:\n  credhub [OPTIONS] [command]\n');
    for (const { name, alias } of COMMANDS) {
      expect(text).toMatch(
        new RegExp(`^  ${name} +\\S.*${alias === undefined ? '' : ` \\(aliases: ${alias}\\)`}$`, 'm'),
      );
    }
  });
});
