import type { Dialect } from './dialect.ts';
import type { AliasNode, CollectionNode, ScalarNode, YamlNode } from './node.ts';
import { Scanner } from './scanner.ts';
import type { YamlSource } from './source.ts';
import { YamlSyntaxError } from './syntax-error.ts';
import { parserError, readDirectives } from './tag-directives.ts';
import type { Token, TokenKind } from './token.ts';

/** Reads the first document; undefined if there is none. What follows it is not looked at. @throws YamlSyntaxError */
export function parseYaml(source: YamlSource, dialect: Dialect): YamlNode | undefined {
  return new Parser(new Scanner(source, dialect)).document();
}

type State = () => void;

interface Properties {
  readonly anchor: string;
  readonly tag: string;
  /** Where the node begins, with its properties. */
  readonly line: number;
}

interface NodeContext {
  /** Whether block collections may begin here. */
  readonly block: boolean;
  /** Whether a block sequence may begin in the column of the mapping around it. */
  readonly unindented?: boolean;
}

const BLOCK: NodeContext = { block: true };
const BLOCK_OR_UNINDENTED: NodeContext = { block: true, unindented: true };
const FLOW: NodeContext = { block: false };

/** What may follow an entry, where its node is left out. */
const AFTER_BLOCK_ENTRY: readonly TokenKind[] = ['block-entry', 'block-end'];
const AFTER_UNINDENTED_ENTRY: readonly TokenKind[] = ['block-entry', 'key', 'value', 'block-end'];
const AFTER_BLOCK_KEY: readonly TokenKind[] = ['key', 'value', 'block-end'];
const AFTER_FLOW_KEY: readonly TokenKind[] = ['value', 'flow-entry', 'flow-mapping-end'];
const AFTER_FLOW_VALUE: readonly TokenKind[] = ['flow-entry', 'flow-mapping-end'];
const AFTER_PAIR_KEY: readonly TokenKind[] = ['value', 'flow-entry', 'flow-sequence-end'];
const AFTER_PAIR_VALUE: readonly TokenKind[] = ['flow-entry', 'flow-sequence-end'];
const AFTER_DOCUMENT_START: readonly TokenKind[] = [
  'version-directive',
  'tag-directive',
  'document-start',
  'document-end',
  'stream-end',
];

/**
 * The grammar of YAML 1.1 as a machine with a stack of its own, since documents may be nested deeper than calls. Each
 * state reads what comes next and sets the state that follows.
 */
class Parser {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, ScalarNode | CollectionNode>();
  readonly #open: { readonly node: CollectionNode; readonly line: number }[] = [];
  readonly #returns: State[] = [];
  #state: State = () => undefined;
  #prefixes: ReadonlyMap<string, string> = new Map();
  #root: YamlNode | undefined;
  #done = false;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  document(): YamlNode | undefined {
    this.#scanner.peek();
    this.#scanner.next();
    const { kind } = this.#token;
    if (kind === 'stream-end') return undefined;
    this.#prefixes = readDirectives(this.#scanner);
    if (kind === 'document-start' || kind.endsWith('-directive')) {
      const { kind: next, line } = this.#token;
      if (next !== 'document-start') throw parserError('did not find expected <document start>', line);
      this.#scanner.next();
      this.#nodeUnless(AFTER_DOCUMENT_START, BLOCK, this.#endDocument);
    } else this.#nodeUnless([], BLOCK, this.#endDocument);
    while (!this.#done) this.#state();
    return this.#root;
  }

  get #token(): Token {
    return this.#scanner.peek();
  }

  /** go-yaml looks at the token behind the document, whatever it is. */
  readonly #endDocument: State = () => {
    this.#scanner.peek();
    this.#done = true;
  };

  /** Reads a node, or takes it for empty if one of `ends` comes. Then `following` is the state. */
  #nodeUnless(ends: readonly TokenKind[], context: NodeContext, following: State): void {
    if (ends.includes(this.#token.kind)) {
      this.#state = following;
      this.#add({ kind: 'scalar', tag: '', anchored: false, value: '', plain: true });
    } else {
      this.#returns.push(following);
      this.#node(context);
    }
  }

  #node(context: NodeContext): void {
    if (this.#token.kind === 'alias') {
      this.#alias(this.#token);
      return;
    }
    const properties = this.#properties();
    const token = this.#token;
    const { kind, line } = token;
    if (kind === 'scalar') {
      this.#scanner.next();
      this.#scalar(token, properties);
    } else if (kind === 'block-entry' && context.unindented === true) {
      this.#openCollection('list', properties, line);
      this.#state = this.#unindentedEntry;
    } else if (kind === 'flow-sequence-start') this.#begin('list', properties, this.#firstFlowEntry);
    else if (kind === 'flow-mapping-start') this.#begin('map', properties, this.#firstFlowKey);
    else if (kind === 'block-sequence-start' && context.block) this.#begin('list', properties, this.#blockEntry);
    else if (kind === 'block-mapping-start' && context.block) this.#begin('map', properties, this.#blockKey);
    else if (properties.anchor !== '' || properties.tag !== '') {
      this.#scalar({ value: '', plain: true }, properties);
    } else throw parserError('did not find expected node content', line, properties.line);
  }

  #properties(): Properties {
    const { line } = this.#token;
    let anchor = '';
    let tag: Token | undefined;
    for (let token = this.#token; ; token = this.#token) {
      if (token.kind === 'anchor' && anchor === '') anchor = token.value;
      else if (token.kind === 'tag' && tag === undefined) tag = token;
      else return { anchor, tag: tag === undefined ? '' : this.#resolveTag(tag, line), line };
      this.#scanner.next();
    }
  }

  #resolveTag({ value: handle, suffix, line }: Token, contextLine: number): string {
    const prefix = handle === '' ? '' : this.#prefixes.get(handle);
    const tag = prefix === undefined ? '' : prefix + suffix;
    if (tag === '') throw parserError('found undefined tag handle', line, contextLine);
    return tag;
  }

  #alias({ value: name }: Token): void {
    const target = this.#anchors.get(name);
    if (target === undefined) throw new YamlSyntaxError(`unknown anchor '${name}' referenced`);
    this.#scanner.next();
    this.#add({ kind: 'alias', name, target });
    this.#return();
  }

  #scalar({ value, plain }: Pick<Token, 'value' | 'plain'>, { anchor, tag }: Properties): void {
    const node: ScalarNode = { kind: 'scalar', tag, anchored: anchor !== '', value, plain };
    if (anchor !== '') this.#anchors.set(anchor, node);
    this.#add(node);
    this.#return();
  }

  #begin(kind: CollectionNode['kind'], properties: Properties, state: State): void {
    this.#openCollection(kind, properties, this.#token.line);
    this.#scanner.next();
    this.#state = state;
  }

  #openCollection(kind: CollectionNode['kind'], { anchor, tag }: Properties, line: number): void {
    const node: CollectionNode = { kind, tag, anchored: anchor !== '', items: [] };
    if (anchor !== '') this.#anchors.set(anchor, node);
    this.#add(node);
    this.#open.push({ node, line });
  }

  #closeCollection(following: State | undefined): void {
    this.#open.pop();
    if (following === undefined) this.#return();
    else this.#state = following;
  }

  #add(node: YamlNode | AliasNode): void {
    const parent = this.#open.at(-1)?.node;
    if (parent === undefined) this.#root = node;
    else parent.items.push(node);
  }

  #return(): void {
    this.#state = this.#returns.pop() ?? this.#endDocument;
  }

  /** Ends a collection if its last token is here. */
  #ends(kind: TokenKind): boolean {
    if (this.#token.kind !== kind) return false;
    this.#closeCollection(undefined);
    this.#scanner.next();
    return true;
  }

  /** Moves over a token if it is here. */
  #takes(kind: TokenKind): boolean {
    if (this.#token.kind !== kind) return false;
    this.#scanner.next();
    return true;
  }

  #expected(what: string): YamlSyntaxError {
    return parserError(`did not find expected ${what}`, this.#token.line, this.#open.at(-1)?.line);
  }

  readonly #blockEntry: State = () => {
    if (this.#takes('block-entry')) this.#nodeUnless(AFTER_BLOCK_ENTRY, BLOCK, this.#blockEntry);
    else if (!this.#ends('block-end')) throw this.#expected("'-' indicator");
  };

  readonly #unindentedEntry: State = () => {
    if (this.#takes('block-entry')) this.#nodeUnless(AFTER_UNINDENTED_ENTRY, BLOCK, this.#unindentedEntry);
    else this.#closeCollection(undefined);
  };

  readonly #blockKey: State = () => {
    if (this.#takes('key')) this.#nodeUnless(AFTER_BLOCK_KEY, BLOCK_OR_UNINDENTED, this.#blockValue);
    else if (!this.#ends('block-end')) throw this.#expected('key');
  };

  readonly #blockValue: State = () => {
    const ends = this.#takes('value') ? AFTER_BLOCK_KEY : [this.#token.kind];
    this.#nodeUnless(ends, BLOCK_OR_UNINDENTED, this.#blockKey);
  };

  readonly #firstFlowEntry: State = () => {
    if (this.#ends('flow-sequence-end')) return;
    const { line } = this.#token;
    if (this.#takes('key')) {
      this.#openCollection('map', { anchor: '', tag: '', line }, line);
      this.#state = this.#pairKey;
    } else this.#nodeUnless([], FLOW, this.#flowEntry);
  };

  readonly #flowEntry: State = () => {
    if (this.#ends('flow-sequence-end')) return;
    if (!this.#takes('flow-entry')) throw this.#expected("',' or ']'");
    this.#firstFlowEntry();
  };

  readonly #pairKey: State = () => {
    const missing = AFTER_PAIR_KEY.includes(this.#token.kind);
    this.#nodeUnless(AFTER_PAIR_KEY, FLOW, this.#pairValue);
    // go-yaml drops the token that shows that the key is missing, so what follows does not parse.
    if (missing) this.#scanner.next();
  };

  readonly #pairValue: State = () => {
    const ends = this.#takes('value') ? AFTER_PAIR_VALUE : [this.#token.kind];
    this.#nodeUnless(ends, FLOW, this.#endPair);
  };

  readonly #endPair: State = () => {
    this.#scanner.peek();
    this.#closeCollection(this.#flowEntry);
  };

  readonly #firstFlowKey: State = () => {
    if (this.#ends('flow-mapping-end')) return;
    if (this.#takes('key')) this.#nodeUnless(AFTER_FLOW_KEY, FLOW, this.#flowValue);
    else this.#nodeUnless([], FLOW, this.#missingFlowValue);
  };

  readonly #flowKey: State = () => {
    if (this.#ends('flow-mapping-end')) return;
    if (!this.#takes('flow-entry')) throw this.#expected("',' or '}'");
    this.#firstFlowKey();
  };

  readonly #flowValue: State = () => {
    const ends = this.#takes('value') ? AFTER_FLOW_VALUE : [this.#token.kind];
    this.#nodeUnless(ends, FLOW, this.#flowKey);
  };

  readonly #missingFlowValue: State = () => this.#nodeUnless([this.#token.kind], FLOW, this.#flowKey);
}
