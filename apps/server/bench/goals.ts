/** Lines of the first table: what was to be reached, and what was. */
import type { Line } from './report.ts';
import { type Summary, spread } from './stats.ts';

/** By number of connections. */
export type Goals = Readonly<Record<number, number>>;

export interface Goal {
  readonly operation: string;
  /** What the figure is a ratio of, or its unit. */
  readonly against: string;
  readonly connections: number | string;
  readonly figure: Summary;
  readonly goal: number;
  /** Whether less is better. Default: false. */
  readonly atMost?: boolean;
  readonly digits?: number;
}

/** Returns the line of a goal, which is reached when the median reaches it. */
export function goalLine({ operation, against, connections, figure, goal, atMost = false, digits = 2 }: Goal): Line {
  const isReached = atMost ? figure.median <= goal : figure.median >= goal;
  const limit = `${atMost ? 'at most ' : ''}${goal}`;
  return {
    group: 'goals',
    text: [operation, against, connections, spread(figure, digits), limit, isReached ? 'yes' : '**no**'].join(' | '),
  };
}
