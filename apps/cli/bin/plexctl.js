#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`plexctl needs Node.js 22.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
// A package has the built program only; a clone of the repository runs the sources.
const { start } = await import('../dist/plexctl/start.js').catch((error) => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  return import('../src/plexctl/start.ts');
});
await start();
