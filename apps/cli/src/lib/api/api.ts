import type { CredhubRoutes } from '@credplex/contract';
import type { AnswerBody, CallArguments, RouteKey } from '@credplex/contract/client';
import { type Document, documentOf } from '../format/document.ts';
import { textField } from '../format/json-tree.ts';
import { parseJson } from '../format/parse-json.ts';
import { BodyError } from '../network/failure.ts';
import type { HttpResponse } from '../network/transport.ts';
import { firstToken, refreshToken } from '../session/login.ts';
import type { Session } from '../session/session.ts';
import { isSuccess, notDecoded, readReply } from './answers.ts';
import { type CredhubClient, type CredhubTransport, createCredhubClient, transportOf } from './client.ts';

/** Sends a request and returns the JSON of its answer, typed by the route. */
type CallCredhub = <K extends RouteKey<CredhubRoutes>>(
  key: K,
  ...input: CallArguments<CredhubRoutes, K>
) => Promise<Document<AnswerBody<CredhubRoutes, K>>>;

/** The CredHub API of a session's server. */
export interface Api {
  readonly session: Session;
  /** Sends an authenticated request and refreshes an expired token once. Resolves for any status. */
  readonly send: CredhubClient;
  /** Sends an unauthenticated request, as /info allows. */
  readonly sendOpen: CredhubClient;
  /** Sends an authenticated request with any method, path and body, for `curl`. */
  readonly sendWritten: CredhubTransport;
  /**
   * Returns the JSON answer of a request that succeeded; null for a DELETE that is answered with nothing.
   *
   * @throws ServerFailure with the server's sentence for any status outside 200 to 299.
   */
  readonly call: CallCredhub;
}

export function createApi(session: Session): Api {
  const withLogin = loginTransport(session);
  const send = createCredhubClient(withLogin);
  return {
    session,
    send,
    sendOpen: createCredhubClient(transportOf(session, { debug: true })),
    sendWritten: withLogin,
    call: async (key, ...input) => {
      const reply = await send(key, ...input).catch((error: unknown) => {
        throw error instanceof BodyError ? notDecoded(error.message) : error;
      });
      const { response } = reply;
      // Only a DELETE may have an empty response.
      if (key.startsWith('DELETE ') && isSuccess(response) && response.body.length === 0) return documentOf(null);
      return documentOf(readReply(reply));
    },
  };
}

/** Returns a transport that obtains a token if there is none, and refreshes it once when it has expired. */
function loginTransport(session: Session): CredhubTransport {
  let refreshing: Promise<void> | undefined;
  return async (request) => {
    const authorized: CredhubTransport = (sent) =>
      transportOf(session, { token: session.config.accessToken, debug: true })(sent);
    if (session.config.accessToken === '') await firstToken(session);
    const usedToken = session.config.accessToken;
    const answer = await authorized(request);
    if (!isExpired(answer)) return answer;
    // Of several concurrent requests, only one refreshes the token. The others retry with the new token.
    if (session.config.accessToken === usedToken) {
      refreshing ??= refreshToken(session).finally(() => {
        refreshing = undefined;
      });
      await refreshing;
    }
    return authorized(request);
  };
}

function isExpired(answer: HttpResponse): boolean {
  if (answer.status < 400) return false;
  try {
    return textField(parseJson(answer.body.toString('utf8')), 'error') === 'access_token_expired';
  } catch {
    return false;
  }
}
