import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

function setUp(depth = 10) {
  const answers: string[] = [];
  const turns = createTurns<string>(depth, (owner, id, granted) => answers.push(`${owner}${id}:${granted}`));
  return { turns, answers };
}

test('one request of a key has its turn, the others follow in their order', () => {
  const { turns, answers } = setUp();
  turns.request('a', 1, 'x');
  turns.request('b', 1, 'x');
  turns.request('a', 2, 'x');
  turns.request('a', 3, 'y');
  expect(answers).toEqual(['a1:true', 'a3:true']);
  turns.end('a', 1);
  expect(answers.slice(2)).toEqual(['b1:true']);
  turns.end('b', 1);
  expect(answers.slice(3)).toEqual(['a2:true']);
});

test('what waits beyond the depth is refused', () => {
  const { turns, answers } = setUp(1);
  for (const id of [1, 2, 3]) turns.request('a', id, 'x');
  expect(answers).toEqual(['a1:true', 'a3:false']);
});

test('the turns of an owner that is gone go to the next', () => {
  const { turns, answers } = setUp();
  turns.request('a', 1, 'x');
  turns.request('a', 2, 'x');
  turns.request('b', 1, 'x');
  turns.drop('a');
  expect(answers).toEqual(['a1:true', 'b1:true']);
});
