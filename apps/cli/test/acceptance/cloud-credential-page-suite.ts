import { beforeAll, describe, expect, test } from 'vitest';
import { type GivenServer, makeCloud, type PageReader, pageCommands, pageReader } from './cloud-credential-page.ts';

const secretJson = '{"aws_secret_access_key":"CANARY-7f3e/+x"}';
const secretForms = /CANARY|acme-provisioner|Q0FOQVJZ/;
const unknownCloud = '019a9b60-0c1d-7a2b-9f00-1234567890ab';

/**
 * Every command and every line of troubleshooting of the page "Issue a Cloud Credential" (contract.md A), against a
 * server. `given` is called once, before the first test.
 */
export function cloudCredentialPageSuite(given: () => GivenServer | Promise<GivenServer>): void {
  describe('the page "Issue a Cloud Credential", as printed', () => {
    let reader: PageReader;
    let cloud: string;
    let credential: string;

    beforeAll(async () => {
      reader = await pageReader(await given());
      reader.file('aws-provisioner.json', secretJson);
      cloud = await makeCloud(reader, `acme-${Date.now().toString(36)}`);
    });

    test('issue from a file prints the metadata, and nothing that was handed in', async () => {
      const { code, stdout, stderr } = await reader.run(pageCommands.issueFromFile, { 'cloud-uuid': cloud });
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/Acme AWS provisioner secret {2}1 +active {2}/);
      expect(stdout).toContain(cloud);
      expect(stdout + stderr).not.toMatch(secretForms);
      credential = /^[0-9a-f-]{36}/m.exec(stdout)?.[0] ?? '';
    });

    test('issue from stdin', async () => {
      const ran = await reader.run(pageCommands.issueFromStdin, { 'cloud-uuid': cloud }, { SECRET_JSON: secretJson });
      expect([ran.code, ran.stderr]).toEqual([0, '']);
      expect(ran.stdout).not.toMatch(secretForms);
    });

    test('issue with curl: the metadata, and a Location that reads back the same', async () => {
      const issue = pageCommands.issueWithCurl.replace('--silent', '--silent --dump-header headers');
      const issued = await reader.run(issue, { 'cloud-uuid': cloud });
      expect([issued.code, issued.stderr]).toEqual([0, '']);
      expect(issued.stdout).not.toMatch(secretForms);
      const metadata: { id: string } = JSON.parse(issued.stdout);
      const location = await reader.run(`sed -n 's/^location: //Ip' headers | tr -d '\\r\\n'`);
      expect(location.stdout).toBe(`/v1/cloud-credentials/${metadata.id}`);
      const read = await reader.run(
        `curl -sS --fail-with-body -H "Authorization: Bearer $TOKEN" "$PLEXSPHERE_URL${location.stdout}"`,
      );
      expect(JSON.parse(read.stdout)).toEqual(metadata);
    });

    test('verify: get and list', async () => {
      const got = await reader.run(pageCommands.get, { 'credential-uuid': credential });
      expect([got.code, got.stderr]).toEqual([0, '']);
      expect(got.stdout).toContain(credential);
      const listed = await reader.run(pageCommands.list, { 'cloud-uuid': cloud });
      expect([listed.code, listed.stderr]).toEqual([0, '']);
      expect(listed.stdout.trim().split('\n')).toHaveLength(4);
      expect(got.stdout + listed.stdout).not.toMatch(secretForms);
    });

    test('a list of more than one page of the server is whole', async () => {
      const many = await makeCloud(reader, `many-${Date.now().toString(36)}`);
      const issue = `for i in $(seq 53); do printf %s '{"display_name":"n","payload":"eA=="}' | curl -sS --fail-with-body -o /dev/null -H "Authorization: Bearer $TOKEN" -H 'content-type: application/json' -d @- "$PLEXSPHERE_URL/v1/clouds/${many}/cloud-credentials" || exit 1; done`;
      expect((await reader.run(issue)).code).toBe(0);
      const listed = await reader.run(pageCommands.list, { 'cloud-uuid': many });
      expect(listed.stdout.trim().split('\n')).toHaveLength(54);
    });

    test('a wrong cloud is 403, before anything else is looked at', async () => {
      const ran = await reader.run(pageCommands.issueFromFile, { 'cloud-uuid': unknownCloud });
      expect(ran.code).toBe(77);
      expect(ran.stderr).toContain('permission_denied');
    });

    test('a blank display name is invalid_display_name', async () => {
      const blank = pageCommands.issueFromFile.replace('"Acme AWS provisioner secret"', '"  "');
      const ran = await reader.run(blank, { 'cloud-uuid': cloud });
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('invalid_display_name');
    });

    test('an empty payload is invalid_payload', async () => {
      const ran = await reader.run(pageCommands.issueFromStdin, { 'cloud-uuid': cloud }, { SECRET_JSON: '' });
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('invalid_payload');
    });

    test('a request over 8 KiB is request_body_too_large, and the advice is to reference', async () => {
      const ran = await reader.run(
        pageCommands.issueFromStdin,
        { 'cloud-uuid': cloud },
        { SECRET_JSON: 'x'.repeat(7000) },
      );
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(/request_body_too_large.*referenc/);
    });

    test('revoke needs --yes, shows the new status, and may be repeated', async () => {
      const revoke = `plexctl cloud credential revoke ${credential} --reason leaked`;
      expect((await reader.run(revoke)).code).toBe(2);
      const first = await reader.run(`${revoke} --yes --output json`);
      const second = await reader.run(`${revoke} --yes --output json`);
      expect(JSON.parse(first.stdout)).toMatchObject({ id: credential, status: 'revoked' });
      expect(second).toEqual(first);
    });

    test('rebac check agrees with what was allowed', async () => {
      const who = await reader.run('plexctl whoami --output json');
      const { subject }: { subject: string } = JSON.parse(who.stdout);
      const check = (resource: string) =>
        reader.run(`plexctl rebac check --subject ${subject} --relation manage --resource cloud:${resource}`);
      expect((await check(cloud)).code).toBe(0);
      expect((await check(unknownCloud)).code).toBe(77);
    });
  });
}
