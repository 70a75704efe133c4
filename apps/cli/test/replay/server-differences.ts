import { DIFFERENCES, type Difference } from './differences.ts';

const generated = { reason: 'the value is generated anew', exitOnly: true } as const;

/** As DIFFERENCES, with what a server of ours does otherwise than the recorded one. */
export const SERVER_DIFFERENCES: Readonly<Record<string, Difference & { readonly exitOnly?: true }>> = {
  ...DIFFERENCES,
  '03:19': generated,
  '03:30': generated,
  '03:41': generated,
  '03:60': generated,
  '03:194': generated,
  '04:431': generated,
  '07:96': generated,
  '04:452': {
    reason: 'the server says of an unknown path that it is not there',
    stdout:
      '{\n  "error": "The request could not be completed because the credential does not exist or you do not have sufficient authorization."\n}\n',
  },
  '04:463': {
    reason: 'an HTTP method that nobody knows ends the connection',
    stdout: '',
    stderr: '\x1b[1;31mBad "<url>/info": EOF\x1b[0m\n',
    exit: 1,
  },
};
