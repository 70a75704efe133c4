/**
 * Names that this process has met in the store, the latest ones. Only a hint: for a name that is not here a cheap value is made and
 * written on the condition that the name is new, which saves the look before; for one that is here the look comes first. A
 * wrong hint costs one statement more and changes nothing else.
 */
export interface KnownNames {
  has(name: string): boolean;
  add(name: string): void;
}

const LIMIT = 20_000;

export function createKnownNames(limit: number = LIMIT): KnownNames {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name.toLowerCase()),
    add(spelling) {
      const name = spelling.toLowerCase();
      names.delete(name);
      names.add(name);
      if (names.size > limit) for (const oldest of names.values()) return void names.delete(oldest);
    },
  };
}
