import type { Host } from './host.ts';

/** A progress bar on stderr. It is drawn only on a terminal and is removed at the end. */
export interface Progress {
  step(): void;
  /** Makes room for a line of output; the next step draws the bar again. */
  clear(): void;
  end(): void;
}

const SILENT: Progress = { step: () => undefined, clear: () => undefined, end: () => undefined };
const WIDTH = 30;

export function progressOn(host: Host, label: string, total: number): Progress {
  if (!host.errIsTerminal || total === 0 || host.env.TERM === 'dumb') return SILENT;
  let done = 0;
  let shown = -1;
  const draw = (): void => {
    const percent = Math.floor((done / total) * 100);
    if (percent === shown) return;
    shown = percent;
    const filled = Math.round((done / total) * WIDTH);
    host.err(`\r\x1b[2K${label} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done}/${total}`);
  };
  draw();
  return {
    step: () => {
      done++;
      draw();
    },
    clear: () => {
      shown = -1;
      host.err('\r\x1b[2K');
    },
    end: () => host.err('\r\x1b[2K'),
  };
}

/** Shows activity during one long request without known steps. */
export function waitingOn(host: Host, label: string): Progress {
  if (!host.errIsTerminal || host.env.TERM === 'dumb') return SILENT;
  host.err(`\r\x1b[2K${label} ...`);
  return { ...SILENT, end: () => host.err('\r\x1b[2K') };
}
