/**
 * Turns of the event loop for work of a few milliseconds. Twenty bodies that arrive together would be worked on one after
 * another before anything else is looked at; with a turn for each, other requests are read and answered in between.
 */
const waiting: (() => void)[] = [];
let isScheduled = false;

/** Resolves in a turn that nobody else gets. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(runNext);
  });
}

function runNext(): void {
  waiting.shift()?.();
  isScheduled = waiting.length > 0;
  if (isScheduled) setImmediate(runNext);
}
