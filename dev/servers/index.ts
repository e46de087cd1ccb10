/** Embedded Temporal and RavenDB servers for the demo, the tests and the benchmarks. */
export { locateRavenDb } from './locate-ravendb.ts';
export { locateTemporal } from './locate-temporal.ts';
export { locateTimeSkipping } from './locate-time-skipping.ts';
export { serverTitles } from './progress.ts';
export { type EmbeddedRavenDb, startRavenDb } from './start-ravendb.ts';
export { type EmbeddedServers, startServers } from './start-servers.ts';
export { type EmbeddedTemporal, startTemporal } from './start-temporal.ts';
export { startTimeSkipping } from './start-time-skipping.ts';
