#!/usr/bin/env node
// Plain enough for any Node to read, so that an old one gets a clear line instead of a syntax error.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`plexctl needs Node.js 22.19 or newer; this is ${process.version}.\n`);
  process.exit(1);
}
// In a clone the sources run as they are; the package carries only the bundle.
const source = new URL('../src/plexctl/bin.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/plexctl/bin.js', import.meta.url).href);
