/** A document as it is written: tags are not yet applied and aliases not yet followed. */
export type YamlNode = ScalarNode | CollectionNode | AliasNode;

interface Node {
  /** In full, such as `tag:yaml.org,2002:str`; empty without one. */
  readonly tag: string;
  /** Whether aliases may refer to it. */
  readonly anchored: boolean;
}

export interface ScalarNode extends Node {
  readonly kind: 'scalar';
  readonly value: string;
  /** Without quotes and block indicators. */
  readonly plain: boolean;
}

export interface CollectionNode extends Node {
  readonly kind: 'list' | 'map';
  /** Of a map keys and values in turn. */
  readonly items: YamlNode[];
}

export interface AliasNode {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: ScalarNode | CollectionNode;
}
