/** What every refusal must look like (docs/reference/plexsphere-v1.md#problems). */
import { expect } from 'vitest';
import type { Answer } from './api.ts';

export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.json?.code, text: answer.text }).toMatchObject({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({
    type: `https://plexsphere.com/errors/${code.replaceAll('_', '-')}`,
    title: expect.stringMatching(/^[A-Z]/),
    status,
    detail: expect.stringMatching(/^[A-Z].*\.$/),
    instance: expect.stringMatching(/^\//),
    correlation_id: answer.headers.get('x-correlation-id'),
  });
  expect(answer.json.correlation_id).toMatch(/^[0-9a-f-]{36}$/);
  if (status === 403) {
    expect(answer.json.reason).toMatch(/^(out_of_scope|insufficient_relation|caveat_violation)$/);
    expect(Array.isArray(answer.json.relation_path)).toBe(true);
  } else expect(answer.json).not.toHaveProperty('reason');
}
