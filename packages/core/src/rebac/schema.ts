/**
 * The relation schema (docs/reference/plexsphere-v1.md#relations). A type is one entry: which subjects a relation
 * takes, and what each permission follows from. A permission is the union of its rules: a name is a relation or
 * permission of the same object, `link->permission` is a permission of the object that the relation `link` leads to.
 */
export interface TypeSchema {
  /** Subjects: a type, or `type#relation` for a subject set. */
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
    // `platform` is written when the cloud is made: an unknown cloud has no edge at all, so every question about it is
    // denied, for the platform's administrator too (docs/reference/plexsphere-v1.md#unknown-clouds).
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

export function typeSchema(type: string): TypeSchema | undefined {
  return Object.hasOwn(REBAC_SCHEMA, type) ? REBAC_SCHEMA[type] : undefined;
}

/** Whether an object of this type can be asked about this relation or permission. */
export function isKnownRelation(type: string, relation: string): boolean {
  const schema = typeSchema(type);
  return (
    schema !== undefined && (Object.hasOwn(schema.relations, relation) || Object.hasOwn(schema.permissions, relation))
  );
}

/** Relations on the left of an arrow, as `[type, relation]`. */
export function linkRelations(): [string, string][] {
  const links = new Map<string, [string, string]>();
  for (const [type, { permissions }] of Object.entries(REBAC_SCHEMA))
    for (const rule of Object.values(permissions).flat()) {
      const arrow = rule.indexOf('->');
      if (arrow > 0) links.set(`${type}#${rule.slice(0, arrow)}`, [type, rule.slice(0, arrow)]);
    }
  return [...links.values()];
}
