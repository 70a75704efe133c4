// `npm start` in a clone: the bundle, as an installed package runs it.
import { launch } from './launch.js';

await launch(new URL('../dist/server/main.js', import.meta.url).href);
