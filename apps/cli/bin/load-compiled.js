// Loads a bundle with the code that V8 has compiled for it before: compiling takes a third of the time of a short command.
// The package carries this code for the release of Node that has built it. For another release Node keeps it in the user's
// own cache folder; never in a shared temporary folder, where somebody else could put code for us to run.
const { existsSync, lstatSync, mkdirSync, readFileSync, statSync } = require('node:fs');
const { createRequire, enableCompileCache, Module } = require('node:module');
const { dirname, isAbsolute, join } = require('node:path');
const { Script } = require('node:vm');

/** Returns the file beside `bundle` with its compiled code for this release of Node. */
exports.compiledFile = function compiledFile(bundle) {
  return `${bundle.slice(0, -'.js'.length)}-${process.version}-${process.platform}-${process.arch}.bin`;
};

/** Returns what the CommonJS file `bundle` exports. */
exports.loadCompiled = function loadCompiled(bundle) {
  const cachedData = readIfThere(exports.compiledFile(bundle));
  const script = cachedData && exports.compile(bundle, cachedData);
  if (script && !script.cachedDataRejected) return exports.run(script, bundle);
  const folder = userCacheFolder(process.env);
  if (folder !== undefined) enableCompileCache(folder);
  return require(bundle);
};

exports.compile = function compile(bundle, cachedData) {
  const head = '(function (exports, require, module, __filename, __dirname) { ';
  const source = `${head}${readFileSync(bundle, 'utf8')}\n})`;
  return new Script(source, { filename: bundle, columnOffset: -head.length, cachedData });
};

exports.run = function run(script, bundle) {
  const module = new Module(bundle);
  module.filename = bundle;
  require.cache[bundle] = module;
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle));
  module.loaded = true;
  return module.exports;
};

/**
 * Returns `$XDG_CACHE_HOME/credplex` (else `~/.cache/credplex`), made with mode 0700. Undefined where it is not a folder that
 * belongs to this user and that nobody else can reach, or where others can write to the folder that it lies in.
 */
function userCacheFolder({ XDG_CACHE_HOME: configured, HOME: home }) {
  if (process.getuid === undefined) return undefined;
  const base = configured && isAbsolute(configured) ? configured : home && isAbsolute(home) && join(home, '.cache');
  if (!base) return undefined;
  const folder = join(base, 'credplex');
  let existing = base;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    if (!isOwn(statSync(existing), 0o022)) return undefined;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return isOwn(lstatSync(folder), 0o077) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it is a folder of this user on which no one has the `forbidden` permissions. */
function isOwn(stat, forbidden) {
  return stat.isDirectory() && stat.uid === process.getuid() && (stat.mode & forbidden) === 0;
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
