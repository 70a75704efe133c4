import { inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { decodeConfig, encodeConfig } from './messages.ts';

test('a configuration reaches a worker whole, secrets included', () => {
  const text = `
database: {url: "postgres://u:canary@h/d"}
vault: {kind: openbao, openbao: {address: "http://127.0.0.1:8200", token: canary-token}}
encryption: {keys: [{name: a, passphrase: canary-words, active: true}]}
permissions: [{path: /*, actors: [a], operations: [read]}]`;
  const config = loadConfig({ env: {}, file: { path: 'f', text }, readFile: () => '' });
  const received = decodeConfig(deserialize(serialize(encodeConfig(config))));
  expect(received).toEqual(config);
  expect(received.database.url?.reveal()).toBe('postgres://u:canary@h/d');
  expect(received.encryption.keys[0]?.passphrase?.reveal()).toBe('canary-words');
  expect(inspect(received, { depth: 9 })).not.toContain('canary');
});
