/** The longest path of an entry. Without a limit, the paths of a name with many slashes grow quadratically. */
const MAX_PATH_LENGTH = 1024;

/**
 * Returns the entry paths that apply to a name: the name itself and each folder above it with `/*`
 * (docs/reference/credhub-server.md#permission-rules). `/a/*` applies to `/a/b`, `/a/b/c` and the pattern `/a/b/*`, but
 * not to `/a`. The entries for `/a/*` and `/*` apply to `/a/*` itself.
 */
export function permissionPaths(name: string): string[] {
  const folders: string[] = [];
  const end = name.endsWith('/*') ? name.length - 2 : name.length;
  for (
    let slash = name.indexOf('/');
    slash >= 0 && slash < end && slash < MAX_PATH_LENGTH;
    slash = name.indexOf('/', slash + 1)
  ) {
    folders.push(`${name.slice(0, slash)}/*`);
  }
  return [name, ...folders.reverse()];
}
