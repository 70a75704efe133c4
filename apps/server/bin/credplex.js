#!/usr/bin/env node
// Plain enough for any Node to read, so that an old one gets a clear line instead of a syntax error.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

const [major, minor] = process.versions.node.split('.').map(Number);
// argon2 is part of Node since 24.7.
if (major < 24 || (major === 24 && minor < 7)) {
  process.stderr.write(`credplex needs Node.js 24.7 or newer; this is ${process.version}.\n`);
  process.exit(1);
}
// Young garbage stays in 2 MiB instead of growing to 64: requests leave nothing behind, so that collections are as cheap, and a
// find of a million names needs no more memory than one of ten. Measured: the same CPU for each request.
v8.setFlagsFromString('--semi-space-growth-factor=1');
// Sources without types are kept between runs: the stripper alone costs 30 MiB and half a second at each start. Where the
// folder cannot be written, nothing is kept.
module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
const source = new URL('../src/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
