/**
 * Gives each unit of work of a few milliseconds its own turn of the event loop. Otherwise many bodies that arrive together would be
 * handled before any other request is read.
 */
const waiting: (() => void)[] = [];
let isScheduled = false;

/** Resolves in a turn of the event loop that no other caller gets. */
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
