import { connect, type Socket } from 'node:net';
import { DialError, describeDial } from './failure.ts';

/** One end of a connection. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A TCP connection to the proxy itself. */
export function dial(proxy: Target, explain: (cause: string) => string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: proxy.host, port: proxy.port });
    const onError = (error: Error): void => reject(new DialError(explain(describeDial(error))));
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      resolve(socket);
    });
  });
}
