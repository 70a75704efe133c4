import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { givenCliStub } from './support/cli-stub.ts';

const given = givenCliStub();

/** What a POSIX shell makes of a line. */
function wordsOf(line: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

test.each(['/team/ca', "/odd/it's; echo $HOME `id`"])(
  'rotate-ca prints a next command that a shell takes as it stands: %s',
  async (name) => {
    await given.logIn();
    const version = { id: 'v1', certificate_authority: true, self_signed: true, transitional: false };
    const certificates = [{ id: 'c1', name, signed_by: name, signs: [], versions: [version] }];
    given.override = ({ target }) =>
      target.startsWith('/api/v1/certificates/') ? { status: 200, body: JSON.stringify({ certificates }) } : undefined;
    const { stdout } = await given.run(['rotate-ca', '-n', name]);
    const line = /^Next command:\n {2}(.*)\n$/m.exec(stdout)?.[1] ?? '';
    expect(wordsOf(line)).toEqual(['credhub', 'rotate-ca', '-n', name, '--step', '--only', '1']);
  },
);
