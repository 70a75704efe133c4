// `npm start` in a clone: runs the bundle, like an installed package.
import { launch } from './launch.js';

await launch(new URL('../dist/server/main.js', import.meta.url).href);
