/**
 * The API levels, complete: every difference between CredHub 1.9 and 2.15 that we serve is a field of this
 * table and nowhere else (docs/reference/credhub-server.md#levels).
 */
export interface Level {
  readonly number: 1 | 2;
  readonly reportedVersion: string;
  /** Whether `/info` carries `app.version`. */
  readonly infoShowsVersion: boolean;
  /** Limit of a new name, slash included. */
  readonly nameLength: number;
  readonly defaultGenerateMode: 'no-overwrite' | 'converge';
  /**
   * Modes a set request may name and the one taken when it names none; `null`: `mode` and `overwrite` are unknown
   * parameters there.
   */
  readonly setModes: {
    readonly allowed: readonly ('no-overwrite' | 'overwrite')[];
    readonly byDefault: 'no-overwrite' | 'overwrite';
  } | null;
  /**
   * `true`: `mode` beside `overwrite` is refused only when both are non-null. `false`: when mode is non-null and the
   * key overwrite is there.
   */
  readonly overwriteNullIsAbsent: boolean;
  /** Whether set and generate know `additional_permissions`. */
  readonly additionalPermissions: boolean;
  /** Whether `POST /api/v1/regenerate` prepends the slash to a name of several segments too. */
  readonly regeneratePrependsSlash: boolean;
  readonly creation: 'anyone_and_owns' | 'needs_write';
  /** `GET /data?paths=true`. */
  readonly listsPaths: boolean;
  /** DELETE also removes the entries for exactly that path. */
  readonly deleteDropsPermissions: boolean;
  /** v1 permissions: the credential must exist, rows carry no path, POST answers the list, nothing new is still 201. */
  readonly permissionsV1: 'of_credential' | 'of_path';
  readonly convergeComparesDuration: boolean;
  /** The status sent where 2.15 says 422. */
  readonly unprocessableStatus: 400 | 422;
  /** `true`: `certificate` itself must be set; `false`: any one of ca, certificate, private_key will do. */
  readonly setNeedsCertificate: boolean;
}

export const LEVELS: Readonly<Record<1 | 2, Level>> = {
  1: {
    number: 1,
    reportedVersion: '1.9.0',
    infoShowsVersion: true,
    nameLength: 255,
    defaultGenerateMode: 'no-overwrite',
    setModes: { allowed: ['no-overwrite', 'overwrite'], byDefault: 'no-overwrite' },
    overwriteNullIsAbsent: true,
    additionalPermissions: true,
    regeneratePrependsSlash: true,
    creation: 'anyone_and_owns',
    listsPaths: true,
    deleteDropsPermissions: true,
    permissionsV1: 'of_credential',
    convergeComparesDuration: true,
    unprocessableStatus: 400,
    setNeedsCertificate: false,
  },
  2: {
    number: 2,
    reportedVersion: '2.15.20',
    infoShowsVersion: false,
    nameLength: 1024,
    defaultGenerateMode: 'converge',
    setModes: null,
    overwriteNullIsAbsent: false,
    additionalPermissions: false,
    regeneratePrependsSlash: false,
    creation: 'needs_write',
    listsPaths: false,
    deleteDropsPermissions: false,
    permissionsV1: 'of_path',
    convergeComparesDuration: false,
    unprocessableStatus: 422,
    setNeedsCertificate: true,
  },
};
