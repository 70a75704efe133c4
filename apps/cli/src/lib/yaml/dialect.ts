/**
 * The two readers of the original: `v2` is gopkg.in/yaml.v2, behind `interpolate`, and `v3` is go.yaml.in/yaml/v3,
 * behind `import`.
 */
export type Dialect = 'v2' | 'v3';
