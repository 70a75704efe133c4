/** `@credplex/storage/testing`: real servers for tests. Nothing here is for production. */
export { isAlive, runningPostmaster, serverProcesses } from '../embedded/postmaster.ts';
export { createDatabase, prepareTemplate } from './database.ts';
export { createEarlierDatabase, EARLIER_RELEASE_KEY, fillEarlierDatabase } from './earlier-release.ts';
export { startHttpStandIn } from './http-stand-in.ts';
export { baoBinary, startOpenBao, type TestOpenBao } from './openbao.ts';
export { startOpenBaoCluster, type TestOpenBaoCluster } from './openbao-cluster.ts';
export { startPostgres, type TestPostgres } from './postgres.ts';
export { freePort } from './process.ts';
export { openTestStorage } from './storage.ts';
