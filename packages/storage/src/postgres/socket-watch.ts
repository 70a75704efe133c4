/**
 * A database host that vanishes without closing its connections (power, a cut cable) would hold a pooled connection until
 * the kernel gives up, some 15 minutes. A socket on which we wrote and received nothing for two intervals is destroyed instead, and
 * the pool makes a new one.
 */
import { Socket } from 'node:net';

interface Seen {
  read: number;
  written: number;
  silent: number;
}

export interface SocketWatch {
  readonly open: (options: { host: string[]; port: number[]; path: string | false | null | undefined }) => Socket;
  readonly stop: () => void;
}

/** @param everyMilliseconds longer than any statement may run */
export function watchSockets(everyMilliseconds: number): SocketWatch {
  const sockets = new Map<Socket, Seen>();
  const timer = setInterval(() => {
    for (const [socket, seen] of sockets) {
      if (socket.bytesRead !== seen.read)
        Object.assign(seen, { read: socket.bytesRead, written: socket.bytesWritten, silent: 0 });
      else if (socket.bytesWritten !== seen.written && ++seen.silent >= 2) socket.destroy();
    }
  }, everyMilliseconds);
  timer.unref();
  return {
    open({ host, port, path }) {
      const socket = new Socket();
      sockets.set(socket, { read: 0, written: 0, silent: 0 });
      socket.once('close', () => sockets.delete(socket));
      socket.setNoDelay(true);
      if (path) socket.connect(path);
      else {
        // The driver reads the name for TLS from here.
        Object.assign(socket, { host: host[0] });
        socket.connect(port[0] ?? 5432, host[0] ?? 'localhost');
      }
      return socket;
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * The sockets of one instance of the driver. Where statements wait when its connection is lost, the driver opens another socket,
 * and then forgets it if it is ended before that is connected: the connection would stay open, and the process with it.
 */
export function createOwnSockets(open: SocketWatch['open']): {
  readonly open: SocketWatch['open'];
  /** Opens none any more. */
  destroy(): void;
} {
  const sockets = new Set<Socket>();
  let isDestroyed = false;
  return {
    open(options) {
      if (isDestroyed) throw Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' });
      const socket = open(options);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    destroy() {
      isDestroyed = true;
      // What is written already, such as the driver's goodbye, is sent first.
      for (const socket of sockets) {
        if (socket.connecting) socket.destroy();
        else socket.destroySoon();
      }
    },
  };
}
