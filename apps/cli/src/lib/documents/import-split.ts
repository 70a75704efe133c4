/**
 * Cuts an import file into its list items, so that a long file is read item by item: the tree of a YAML reader takes a
 * hundred times the room of its text.
 *
 * Only the plain form is cut, a first key `credentials:` with a list in block style and nothing behind it but further
 * documents. Everything else gives undefined and is read as a whole. A cut in the wrong place, such as between an anchor
 * and its alias, leaves an item that does not parse; whoever reads the items then reads the whole file instead.
 */
export function splitCredentialList(text: string): readonly string[] | undefined {
  const lines = linesOf(text).filter(({ line }) => !isFiller(line));
  let first = lines.next().value;
  if (first !== undefined && /^---\s*(#.*)?$/.test(first.line)) first = lines.next().value;
  if (first === undefined || !/^credentials:\s*(#.*)?$/.test(first.line)) return undefined;
  const items: string[] = [];
  let indent: number | undefined;
  let begin = 0;
  let end = text.length;
  for (const { at, line } of lines) {
    if (/^(---|\.\.\.)(\s|$)/.test(line)) {
      end = at;
      break;
    }
    const dash = /^( *)-(?:\s|$)/.exec(line)?.[1]?.length;
    if (indent === undefined) {
      if (dash === undefined) return undefined;
      indent = dash;
      begin = at;
    } else if (dash === indent) {
      items.push(text.slice(begin, at));
      begin = at;
    } else if (indentOf(line) <= indent) return undefined;
  }
  return indent === undefined ? undefined : [...items, text.slice(begin, end)];
}

function* linesOf(text: string): Generator<{ at: number; line: string }, undefined> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const next = end < 0 ? text.length : end + 1;
    yield { at, line: text.slice(at, next).trimEnd() };
    at = next;
  }
}

/** A line without content, if no text is open. */
const isFiller = (line: string): boolean => /^\s*(#.*)?$/.test(line);

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;
