/**
 * The entry paths that speak about a name: the name itself and each folder above it with `/*` (server-facts 6.3).
 * `/a/*` speaks about `/a/b`, `/a/b/c` and the pattern `/a/b/*`, not about `/a`; `/a/*` itself is spoken about by `/a/*` and `/*`.
 */
export function permissionPaths(name: string): string[] {
  const paths = [name];
  const end = name.endsWith('/*') ? name.length - 2 : name.length;
  if (end === 0) return paths;
  for (
    let slash = name.lastIndexOf('/', end - 1);
    slash >= 0;
    slash = slash === 0 ? -1 : name.lastIndexOf('/', slash - 1)
  ) {
    paths.push(`${name.slice(0, slash)}/*`);
  }
  return paths;
}
