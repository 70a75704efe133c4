#!/usr/bin/env node
// Plain enough for any Node to read, so that an old one gets a clear line instead of a syntax error.
const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`credhub needs Node.js 22.19 or newer; this is ${process.version}.\n`);
  process.exit(1);
}
// In a clone the sources run as they are; the package carries only the bundle.
const source = join(__dirname, '../src/credhub/start.ts');
if (existsSync(source)) void import(pathToFileURL(source).href).then(({ start }) => start());
else {
  // Compiled code is kept beside the bundle, a tenth of what a command takes; where nobody may write, nothing is kept.
  enableCompileCache(join(__dirname, '../dist/compiled'));
  require('../dist/credhub/start.js').start();
}
