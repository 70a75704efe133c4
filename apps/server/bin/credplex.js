#!/usr/bin/env node
// Plain enough for any Node to read, so that an old one gets a clear line instead of a syntax error.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
// argon2 is part of Node since 24.7.
if (major < 24 || (major === 24 && minor < 7)) {
  process.stderr.write(`credplex needs Node.js 24.7 or newer; this is ${process.version}.\n`);
  process.exit(1);
}

// Young garbage may take 3 times 6 MiB under load, not 3 times 64: a find of a million names then stays below
// 50 MiB (measured: 44). Only V8's start takes the limit, so the server becomes a Node with it: the same process, number and streams.
const limit = '--max-semi-space-size=6';
const limited = /--max-semi-space-size/.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '));
if (process.argv[2] === 'serve' && !limited && process.execve) {
  const argv = [process.execPath, limit, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, argv, process.env);
}

// Sources without types are kept between runs: the stripper alone costs 30 MiB and half a second at each start. Where the
// folder cannot be written, nothing is kept.
module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
const source = new URL('../src/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
