/** Which processes a running server with several workers has, for `credplex doctor`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, writeWhole } from '../start/data-folder.ts';

const stateSchema = z.object({
  supervisor: z.int(),
  workers: z.array(z.object({ worker: z.int(), pid: z.int() })),
});
export type WorkersState = z.output<typeof stateSchema>;

const fileIn = (folder: string): string => join(folder, 'workers.json');

/** @throws StartError where the data folder cannot be written */
export function writeWorkersState(folder: string, state: WorkersState): void {
  writeWhole(fileIn(folder), `${JSON.stringify(state)}\n`, 0o600);
}

export function removeWorkersState(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

/** Returns the processes of the server that uses the folder; `undefined` when none with several workers runs. */
export function readWorkersState(folder: string): WorkersState | undefined {
  try {
    const state = stateSchema.parse(JSON.parse(readIfThere(fileIn(folder)) ?? ''));
    return isRunning(state.supervisor) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process of that id runs, whoever owns it. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
