import { createGenerator, revealValue, systemEntropy } from '@credplex/core';
import { createPki } from '@credplex/pki';

const generator = createGenerator({ pki: createPki({ entropy: systemEntropy }) });

// A password, a check whether it still matches the parameters, and its next version.
const first = await generator.generate({ name: '/db/password', type: 'password', parameters: { length: 40 } });
const unchanged = generator.converges(first, { parameters: { length: 40 } }); // true
const outdated = generator.converges(first, { parameters: { length: 20 } }); // false
const second = await generator.regenerate(first); // second.number is 2, second.previous is first

// A user with a hash that any crypt(3) verifies, an SSH key pair, an RSA key pair.
const user = await generator.generate({ name: '/db/user', type: 'user', parameters: { username: 'app' } });
const ssh = await generator.generate({ name: '/vm/ssh', type: 'ssh', parameters: { ssh_comment: 'vm' } });
const rsa = await generator.generate({ name: '/jwt/key', type: 'rsa', parameters: { key_length: 2048 } });

// A certificate chain: root, intermediate, leaf. The leaf is regenerated after its CA was rotated.
const root = await generator.generate({
  name: '/ca/root',
  type: 'certificate',
  parameters: { common_name: 'Root', is_ca: true },
});
const issuing = await generator.generate({
  name: '/ca/issuing',
  type: 'certificate',
  parameters: { common_name: 'Issuing', is_ca: true },
  signedBy: root,
});
const request = { parameters: { common_name: 'web', alternative_names: ['web.example.com', '10.0.0.7'] } };
const leaf = await generator.generate({ name: '/web/tls', type: 'certificate', ...request, signedBy: issuing });
const newIssuing = await generator.regenerate(issuing, { signedBy: root });
const leafIsCurrent = generator.converges(leaf, { ...request, signedBy: newIssuing }); // false
const newLeaf = await generator.regenerate(leaf, { signedBy: newIssuing });

// Secrets print as <redacted> unless they are revealed explicitly.
const printed = `${first.value}`; // "<redacted>"
const password = revealValue(second); // the password as plain text

export {
  first,
  issuing,
  leaf,
  leafIsCurrent,
  newIssuing,
  newLeaf,
  outdated,
  password,
  printed,
  root,
  rsa,
  second,
  ssh,
  unchanged,
  user,
};
