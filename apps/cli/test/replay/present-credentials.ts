import type { RecordedServer } from './recorded-server.ts';

/** What recordings 07 and 07b found on their server without showing how it came there. */
export function presentCredentials(server: Pick<RecordedServer, 'add'>): void {
  server.add('/int/pw', 'password', 'se cret');
  server.add('/int/json', 'json', { a: { b: ['x', 'y'], n: 5 }, 'd.ot': 1, s: 'str' });
  server.add('/int/num', 'value', '42');
  server.add('/int/multi', 'value', 'l1\\nl2');
  server.add('/int/multi2', 'value', 'l1\nl2\n');
  server.add('/int/Case', 'password', 'WfcI3dZHuNaJ5MXtxBe91noXGNF6O4');
  server.add('/top', 'value', 'topv');
  server.add('/int/ssh', 'ssh', {
    private_key:
      '-----BEGIN RSA PRIVATE KEY-----\n...\nnL8BwarYy20uxuSTce40M0b6hkAEJhXkji+By7r4zC8vjIQfY2Pd\n-----END RSA PRIVATE KEY-----\n',
    public_key: 'ssh-rsa AAAA...',
    public_key_fingerprint: 'm/gWxaFZSWH9+W64ksuNhDKsHGpIj2U4uQu2ypP3wpI',
  });
}
