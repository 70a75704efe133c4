import { createApi } from '../lib/api.ts';
import { yellow } from '../lib/colour.ts';
import { hasToken } from '../lib/config-file.ts';
import { UsageFailure } from '../lib/failure.ts';
import type { Host } from '../lib/host.ts';
import { firstToken } from '../lib/login.ts';
import { openSession, requireLogin } from '../lib/session.ts';
import { askAuthUrl } from '../lib/target.ts';
import type { ParsedLine } from './argv.ts';

/** The checks that stand between a line that parses and a command's own work, in the original's order; then the work. */
export async function runLine(host: Host, line: ParsedLine): Promise<void> {
  const { command, values, argument, superfluous, httpTimeout } = line;
  const session = openSession(host, httpTimeout);
  if (session.twoLogins) host.err(yellow(TWO_LOGINS));
  if (command.needsLogin) {
    requireLogin(session);
    if (session.config.authUrl === '') session.config.authUrl = await askAuthUrl(session);
    if (!hasToken(session.config)) await firstToken(session);
  }
  if (superfluous.length > 0) {
    const { helpText } = await import('./help.ts');
    throw new UsageFailure(helpText(command, host.columns));
  }
  await command.run({ values: values as never, argument, host, session, api: createApi(session) });
}

const TWO_LOGINS = `WARNING: Two different login methods were detected:
1. A previously run "credhub login" command created a logged-in state
2. CREDHUB_* environment variables containing credentials and log-in information are present

This command will now proceed after attempting to log you in using the CREDHUB_* environment variables from method 2, hence ignoring the current logged-in state from method 1.

If you want to get rid of this warning message, you have two options:
a. Run "credhub logout". This will remove the logged-in state created by the "credhub login" command. Subsequent commands will use the environment variables to log you in.
b. Unset the "CREDHUB_SERVER" environment variable. Subsequent commands will use your logged-in state.

`;
