import { expect, test } from 'vitest';
import { nextTurn } from './turns.ts';

test('each caller gets its own turn of the event loop, in order', async () => {
  const seen: string[] = [];
  const turns = [1, 2, 3].map((n) => nextTurn().then(() => seen.push(`turn ${n}`)));
  const between = async (): Promise<void> => {
    for (let n = 0; n < 4; n += 1) {
      await new Promise(setImmediate);
      seen.push('other');
    }
  };
  await Promise.all([...turns, between()]);
  expect(seen.filter((step) => step !== 'other')).toEqual(['turn 1', 'turn 2', 'turn 3']);
  expect(seen.join()).not.toMatch(/turn \d,turn/);
});
