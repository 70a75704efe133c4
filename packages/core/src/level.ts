/**
 * The API levels. Every difference between CredHub 1.9 and 2.15 that we serve is a field of this table
 * (docs/reference/credhub-server.md#levels).
 */
export interface Level {
  readonly number: 1 | 2;
  readonly reportedVersion: string;
  /** Whether `/info` carries `app.version`. */
  readonly infoShowsVersion: boolean;
  /** Maximum length of a new name, including its slash. */
  readonly nameLength: number;
  readonly defaultGenerateMode: 'no-overwrite' | 'converge';
  /**
   * The modes of set requests, with the default. `null`: set does not know the parameters `mode` and `overwrite`.
   */
  readonly setModes: {
    readonly allowed: readonly ('no-overwrite' | 'overwrite')[];
    readonly byDefault: 'no-overwrite' | 'overwrite';
  } | null;
  /**
   * When `mode` and `overwrite` conflict. `true`: both are not null. `false`: `mode` is not null and `overwrite` is
   * present, even as null.
   */
  readonly overwriteNullIsAbsent: boolean;
  /** Whether set and generate accept `additional_permissions`. */
  readonly additionalPermissions: boolean;
  /** Whether `POST /api/v1/regenerate` also adds the leading slash to names of several segments. */
  readonly regeneratePrependsSlash: boolean;
  /** Who may create names. `anyone_and_owns`: everybody, and the creator gets all operations on the name. */
  readonly creation: 'anyone_and_owns' | 'needs_write';
  /** Whether `GET /data?paths=true` exists. */
  readonly listsPaths: boolean;
  /** Whether DELETE also removes the permission entries for exactly that path. */
  readonly deleteDropsPermissions: boolean;
  /**
   * `of_credential`: the credential of a v1 request must exist, responses have no path, POST returns the list, and
   * granting nothing new is still 201.
   */
  readonly permissionsV1: 'of_credential' | 'of_path';
  readonly convergeComparesDuration: boolean;
  /** The status of errors that are 422 in 2.15. */
  readonly unprocessableStatus: 400 | 422;
  /** `true`: a set certificate needs `certificate`. `false`: one of ca, certificate and private_key is enough. */
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
