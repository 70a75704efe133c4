#!/usr/bin/env node
// The bin `credplex`. Runs the sources in a clone, and the bundle in an installed package.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { launch } from './launch.js';

/**
 * Resolves files of drizzle-orm without its package.json. Node reads that file (179 kB) again for each import, which costs 0.4 s and
 * 120 MiB for a hundred files (docs/decisions/0012-drizzle-is-the-data-layer.md). All its files are ES modules, so the package
 * folder is resolved once.
 */
function resolveDrizzleDirectly() {
  const known = new Map();
  module.registerHooks?.({
    resolve(specifier, context, next) {
      if (specifier.startsWith('.') && context.parentURL?.includes('/drizzle-orm/'))
        return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
      if (!specifier.startsWith('drizzle-orm')) return next(specifier, context);
      const resolved = known.get(specifier) ?? { ...next(specifier, context), shortCircuit: true };
      known.set(specifier, resolved);
      return resolved;
    },
  });
}

const source = new URL('../src/main.ts', import.meta.url);
if (existsSync(source)) {
  resolveDrizzleDirectly();
  await launch(source.href);
} else {
  await launch(new URL('../dist/server/main.js', import.meta.url).href);
}
