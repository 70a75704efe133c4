import { type Coordination, localCoordination } from '../coordination.ts';

/** Read-only mode: of this server with all its workers, gone with it. */
export interface ServerMode {
  readonly readOnly: boolean;
  /** Resolves when every worker has the mode. @throws CredError `unavailable` */
  setReadOnly(readOnly: boolean): Promise<void>;
}

/** Returns the mode of a process; `initial` is what the server had when this process started. */
export function createServerMode(coordination: Coordination = localCoordination(), initial = false): ServerMode {
  let readOnly = initial;
  coordination.subscribe('read_only', (value) => {
    readOnly = value;
  });
  return {
    get readOnly() {
      return readOnly;
    },
    setReadOnly: (value) => coordination.publish('read_only', value),
  };
}
