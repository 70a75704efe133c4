/** The table of credential types. A new type is one file in this folder and one line here. */
export { certificateType } from './certificate.ts';
export { jsonType } from './json.ts';
export { passwordType } from './password.ts';
export { rsaType } from './rsa.ts';
export { sshType } from './ssh.ts';
export { userType } from './user.ts';
export { valueType } from './value.ts';
