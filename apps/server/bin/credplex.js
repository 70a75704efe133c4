#!/usr/bin/env node
// The bin `credplex`: in a clone the sources, in an installed package the bundle.
import { existsSync } from 'node:fs';
import { launch } from './launch.js';

const source = new URL('../src/main.ts', import.meta.url);
await launch(existsSync(source) ? source.href : new URL('../dist/server/main.js', import.meta.url).href);
