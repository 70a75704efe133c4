// Starts a program of this package. Plain enough for any Node to read, so that an old one gets a clear line instead of a
// syntax error.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

exports.launch = function launch(name) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 19)) {
    process.stderr.write(`${name} needs Node.js 22.19 or newer; this is ${process.version}.\n`);
    process.exit(1);
  }
  // In a clone the sources run as they are; the package carries only the bundle.
  const source = join(__dirname, `../src/${name}/start.ts`);
  if (existsSync(source)) {
    // Without their types they are kept in the clone: to strip them costs most of a start.
    require('node:module').enableCompileCache(join(__dirname, '../node_modules/.cache/compiled'));
    void import(pathToFileURL(source).href).then(({ start }) => start());
    return;
  }
  require('./load-compiled.js')
    .loadCompiled(join(__dirname, `../dist/${name}/start.js`))
    .start();
};
