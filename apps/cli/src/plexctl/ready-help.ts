import { readFileSync } from 'node:fs';
import type { Host } from './host.ts';

/**
 * Help that the build has rendered, for 80 columns without colours, as a pipe gets it: oclif takes 70 ms to do the same.
 * Undefined for a terminal, which has its own width and colours, and for a program that runs from its sources.
 */
export function readyHelp(of: readonly string[], host: Host): string | undefined {
  if (host.outIsTerminal || host.env.OCLIF_COLUMNS || host.env.FORCE_COLOR) return undefined;
  let texts: unknown;
  try {
    texts = JSON.parse(readFileSync(new URL('./help.json', host.program), 'utf8'));
  } catch {
    return undefined;
  }
  const name = of.join(' ');
  const text = texts !== null && typeof texts === 'object' ? Object.entries(texts).find(([key]) => key === name) : [];
  return typeof text?.[1] === 'string'
    ? text[1].replace('{runtime}', `${process.platform}-${process.arch} node-${process.version}`)
    : undefined;
}
