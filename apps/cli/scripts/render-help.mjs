// Renders every help text of the built plexctl into help.json beside it. Run with a pipe for stdout, so that oclif takes 80
// columns and no colours.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const folder = process.argv[2];
const require = createRequire(import.meta.url);
const { showHelp } = require(`${folder}/help.js`);
const { commands } = require(`${folder}/oclif.manifest.json`);
const names = Object.keys(commands).map((id) => id.replaceAll(':', ' '));
const topics = names.flatMap((name) => name.split(' ').map((_, index, words) => words.slice(0, index).join(' ')));

let text = '';
console.log = (line = '') => {
  text += `${line}\n`;
};
process.stdout.write = (chunk) => {
  text += chunk;
  return true;
};
const texts = {};
for (const name of new Set([...topics, ...names])) {
  text = '';
  await showHelp(name === '' ? [] : name.split(' '), pathToFileURL(`${folder}/start.js`).href);
  texts[name] = text.replace(`${process.platform}-${process.arch} node-${process.version}`, '{runtime}');
}
writeFileSync(`${folder}/help.json`, JSON.stringify(texts));
