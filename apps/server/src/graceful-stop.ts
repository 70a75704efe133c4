/**
 * Ends an HTTP server without losing an answer. A connection that a client keeps busy is never idle at a good moment, so each
 * answer during the stop says `Connection: close` (RFC 9112, 9.6). Idle connections stay open for a moment, since a request may
 * be on its way on them.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { CanonicalResponse } from './header-names.ts';

interface StopLimits {
  /** Milliseconds that open requests may take. */
  readonly stopServer: number;
  /** Milliseconds that idle connections stay open. */
  readonly stopIdle: number;
}

const SWEEP_MS = 50;

export interface GracefulStop {
  /** For the option `ServerResponse` of the server. */
  readonly ServerResponse: typeof ServerResponse;
  /** Takes no new connection, lets open requests end, then closes what is left. */
  stop(server: Server, limits: StopLimits): Promise<void>;
}

/** Returns the parts of a graceful stop for the servers of one address list. */
export function createGracefulStop(): GracefulStop {
  let isStopping = false;
  class StoppableResponse<Request extends IncomingMessage = IncomingMessage> extends CanonicalResponse<Request> {
    override writeHead(...given: Parameters<CanonicalResponse['writeHead']>): this {
      if (isStopping) this.shouldKeepAlive = false;
      return super.writeHead(...given);
    }
  }
  return {
    ServerResponse: StoppableResponse,
    stop(server, limits) {
      isStopping = true;
      return closeServer(server, limits);
    },
  };
}

function closeServer(server: Server, { stopServer, stopIdle }: StopLimits): Promise<void> {
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    const sweep = (): void => server.closeIdleConnections();
    timers.push(setTimeout(() => server.closeAllConnections(), stopServer));
    timers.push(
      setTimeout(() => {
        sweep();
        // A connection whose answer began before the stop becomes idle after it.
        timers.push(setInterval(sweep, SWEEP_MS));
      }, stopIdle),
    );
    // The method of node:http closes idle connections at once.
    NetServer.prototype.close.call(server, () => {
      for (const timer of timers) clearTimeout(timer);
      // Only stops the timer of node:http: nothing is open any more.
      server.close(() => undefined);
      resolve();
    });
  });
}
