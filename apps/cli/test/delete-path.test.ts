import { describe, expect, test } from 'vitest';
import { givenCliStub } from './support/cli-stub.ts';

const given = givenCliStub();
const NAMES = ['/p/a', '/p/b', '/p/c'];

async function deletePath(terminal: boolean, failing: readonly string[], ...more: readonly string[]) {
  await given.logIn();
  given.override = ({ method, target }) => {
    if (target.includes('path=')) {
      return {
        status: 200,
        body: JSON.stringify({ credentials: NAMES.map((name) => ({ name, version_created_at: 't' })) }),
      };
    }
    if (method !== 'DELETE') return undefined;
    const failed = failing.some((name) => target.includes(encodeURIComponent(name)));
    return failed ? { status: 403, body: '{"error":"not yours"}' } : { status: 204, body: '' };
  };
  return given.run(['delete', '-p', '/p', ...more], { terminal });
}

describe('delete --path on a terminal', () => {
  test('draws one bar on stderr, and prints one line at the end', async () => {
    const ran = await deletePath(true, []);
    expect(ran.stdout).toBe('All 3 out of 3 credentials under the provided path are successfully deleted.\n');
    expect(ran.stderr).not.toContain('\n');
    expect(ran.stderr.endsWith(`\r\x1b[2KDeleting [${'#'.repeat(30)}] 3/3\r\x1b[2K`)).toBe(true);
  });

  test('lists what failed behind the bar', async () => {
    const ran = await deletePath(true, ['/p/b']);
    expect(ran).toMatchObject({
      stdout: '2 out of 3 credentials under the provided path are successfully deleted.\n',
      exit: 1,
    });
    expect(ran.stderr).toContain('\r\x1b[2K1 out of 3 credentials under the provided path failed to delete.');
  });
});

test('delete --path into a pipe prints a line for each name, as the original', async () => {
  const ran = await deletePath(false, []);
  expect(ran.stdout.match(/\n/g)).toHaveLength(3);
  expect(ran.stderr).toBe('');
});
