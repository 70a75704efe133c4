// Loaded by every Node process of a run under a shifted clock: programs that tests and servers start with a short environment
// get the variables of libfaketime nevertheless, so that all of them have one clock.
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

const NAMES = ['LD_PRELOAD', 'FAKETIME', 'FAKETIME_DONT_FAKE_MONOTONIC', 'NO_FAKE_STAT', 'NODE_OPTIONS'];
const clock = Object.fromEntries(NAMES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

// libfaketime shares a semaphore with its children, and one of them that is killed while it holds it would stop the others.
Reflect.deleteProperty(process.env, 'FAKETIME_SHARED');

const { ChildProcess } = childProcess;
const spawn = ChildProcess.prototype.spawn;
ChildProcess.prototype.spawn = function spawnWithClock(options) {
  const named = new Set(options.envPairs?.map((pair) => pair.slice(0, pair.indexOf('='))));
  const missing = Object.entries(clock).filter(([name]) => !named.has(name));
  return spawn.call(this, {
    ...options,
    envPairs: [...(options.envPairs ?? []), ...missing.map(([name, value]) => `${name}=${value}`)],
  });
};

/** `spawnSync(file, args?, options?)` and its kin: options are the last object that is no list. */
function withClock(run) {
  return function runWithClock(...given) {
    const last = given.at(-1);
    const hasOptions = given.length > 1 && typeof last === 'object' && last !== null && !Array.isArray(last);
    const options = hasOptions ? last : {};
    const env = { ...(options.env ?? process.env), ...clock };
    return run(...(hasOptions ? given.slice(0, -1) : given), { ...options, env });
  };
}
for (const name of ['spawnSync', 'execFileSync', 'execSync']) childProcess[name] = withClock(childProcess[name]);
syncBuiltinESMExports();
