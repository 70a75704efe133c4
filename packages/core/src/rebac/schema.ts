/**
 * The relation schema (docs/reference/plexsphere-v1.md#relations). Each type has one entry with the allowed subjects of
 * its relations and the rules of its permissions. A permission is the union of its rules. A plain name is a relation or
 * permission of the same object; `link->permission` is a permission of the object that the relation `link` points to.
 */
export interface TypeSchema {
  /** Allowed subjects: a type, or `type#relation` for a userset. */
  readonly relations: Readonly<Record<string, readonly string[]>>;
  readonly permissions: Readonly<Record<string, readonly string[]>>;
}

const PRINCIPALS = ['user', 'serviceaccount', 'group#member'] as const;

export const REBAC_SCHEMA: Readonly<Record<string, TypeSchema>> = {
  user: { relations: {}, permissions: {} },
  serviceaccount: { relations: {}, permissions: {} },
  group: { relations: { member: PRINCIPALS }, permissions: {} },
  platform: {
    relations: { admin: PRINCIPALS, auditor: PRINCIPALS },
    permissions: { manage: ['admin'], read: ['manage', 'auditor'] },
  },
  cloud: {
    // The `platform` tuple is written when the cloud is created. An unknown cloud has no tuples, so every check on it
    // is denied, even for a platform administrator (docs/reference/plexsphere-v1.md#unknown-clouds).
    relations: { cloud_admin: PRINCIPALS, operator: PRINCIPALS, auditor: PRINCIPALS, platform: ['platform'] },
    permissions: {
      manage: ['cloud_admin'],
      operate: ['manage', 'operator'],
      observe: ['operate', 'auditor', 'platform->read'],
      read: ['observe'],
      assign: ['manage', 'platform->manage'],
    },
  },
  cloudcredential: {
    relations: { parent: ['cloud'], uses: ['project'] },
    permissions: { assign: ['parent->assign'], use: ['uses'] },
  },
};

/** Returns the schema of a type; undefined for an unknown type. */
export function typeSchema(type: string): TypeSchema | undefined {
  return Object.hasOwn(REBAC_SCHEMA, type) ? REBAC_SCHEMA[type] : undefined;
}

/** Returns whether the type defines this relation or permission. */
export function isKnownRelation(type: string, relation: string): boolean {
  const schema = typeSchema(type);
  return (
    schema !== undefined && (Object.hasOwn(schema.relations, relation) || Object.hasOwn(schema.permissions, relation))
  );
}

/** Returns the relations on the left of an arrow, as `[type, relation]`. */
export function linkRelations(): [string, string][] {
  const links = new Map<string, [string, string]>();
  for (const [type, { permissions }] of Object.entries(REBAC_SCHEMA))
    for (const rule of Object.values(permissions).flat()) {
      const arrow = rule.indexOf('->');
      if (arrow > 0) links.set(`${type}#${rule.slice(0, arrow)}`, [type, rule.slice(0, arrow)]);
    }
  return [...links.values()];
}
