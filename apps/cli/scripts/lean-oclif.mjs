// What oclif drags along but plexctl never uses. Left out of the bundles it saves 40 ms, half of what a command may take.
// Messages of the parser are put into our own words (src/plexctl/parse-error.ts), so nothing that shapes them is missed.

const nothing = 'module.exports = {};';
const asItIs = 'module.exports = (text) => text;';
const later = (module, name) =>
  `exports.${name} = (...given) => process.getBuiltinModule('${module}').${name}(...given);`;
const silent = 'exports.makeDebug = () => () => undefined; exports.getLogger = () => ({ debug() {} });';

/** By the path below @oclif/core/lib or, without `.js`, by the name that it is imported by. */
const forParser = {
  'help/index.js': nothing,
  'parser/help.js': nothing,
  'errors/handle.js': nothing,
  'util/fs.js': nothing,
  'logger.js': silent,
  'ux/theme.js': 'exports.colorize = (_colour, text) => text;',
  'ux/list.js': 'exports.__esModule = true; exports.default = () => "";',
  'clean-stack': asItIs,
  'indent-string': asItIs,
  'wrap-ansi': asItIs,
  // For arguments that are read from stdin.
  'node:readline': later('node:readline', 'createInterface'),
};

const forHelp = {
  // Plugins and commands are not looked for: the manifest has the commands, and there are no plugins.
  minimatch: nothing,
  tinyglobby: nothing,
  'ux/action/spinner.js': 'exports.__esModule = true; exports.default = class {};',
  'node:child_process': later('node:child_process', 'execSync'),
  'node:readline': forParser['node:readline'],
};

/** An esbuild plugin for the bundle that reads and runs a line. */
export const leanParser = () => standIns(forParser);

/** The same for the bundle that shows help. */
export const leanHelp = () => standIns(forHelp);

function standIns(table) {
  const names = Object.keys(table).filter((name) => !name.endsWith('.js'));
  return {
    name: 'lean-oclif',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path, importer }) =>
        importer.includes('/@oclif/core/') ? { path, namespace: 'stand-in' } : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({ contents: table[path], loader: 'js' }));
      onLoad({ filter: /@oclif\/core\/lib\/.*\.js$/ }, ({ path }) => {
        const contents = table[path.replace(/^.*@oclif\/core\/lib\//, '')];
        return contents === undefined ? undefined : { contents, loader: 'js' };
      });
    },
  };
}
