import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/develop/integrations.md'), 'utf8');

/** Returns the example of docs/develop/integrations.md that begins with the comment `# title`. */
export function example(title: string): Record<string, unknown> {
  const block = page.match(new RegExp(`\`\`\`yaml\n# ${title}\n([\\s\\S]*?)\`\`\``));
  if (block?.[1] === undefined) throw new Error(`docs/develop/integrations.md has no example ${title}`);
  return parse(block[1]) as Record<string, unknown>;
}

/** Returns every `((reference))` in a document, once. */
export function references(node: unknown): string[] {
  const text = JSON.stringify(node);
  return [...new Set([...text.matchAll(/\(\(([^()]+)\)\)/g)].map(([, name]) => name ?? ''))];
}
