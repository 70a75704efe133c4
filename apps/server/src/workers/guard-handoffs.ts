/**
 * Connections that node:cluster has given to a worker which died before it took them. Node keeps them open without an owner, and
 * their clients wait for ever; here they go to another worker. Without the fields that this looks at, Node's behaviour stays.
 */
import type { ChildProcess } from 'node:child_process';

interface ClusterMessage {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
}

const CLUSTER = 'NODE_CLUSTER';

/** `hasOthers`: whether another worker can take a connection; without one it is closed. */
export function guardHandoffs(child: ChildProcess, hasOthers: () => boolean): void {
  const pending = new Map<number, { close(): void }>();
  const send = child.send.bind(child) as (...given: unknown[]) => boolean;
  const guarded = (message: ClusterMessage, handle: unknown, ...others: unknown[]): boolean => {
    const { cmd, act, seq } = message;
    if (cmd === CLUSTER && act === 'newconn' && typeof seq === 'number') pending.set(seq, handle as { close(): void });
    return send(message, handle, ...others);
  };
  child.send = guarded as typeof child.send;
  child.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (typeof ack === 'number') pending.delete(ack);
  });
  let isDisconnected = false;
  child.once('disconnect', () => {
    isDisconnected = true;
  });
  child.once('close', () => {
    // Node leaves this out while a handle is on its way, and goes on counting the worker.
    if (!isDisconnected) child.emit('disconnect');
    for (const [ack, handle] of pending) {
      if (hasOthers()) child.emit('internalMessage', { cmd: CLUSTER, ack, accepted: false });
      else handle.close();
    }
    pending.clear();
  });
}
