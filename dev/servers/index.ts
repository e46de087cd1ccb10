/** Embedded Temporal and RavenDB servers for the demo, the tests and a laptop. */
export { cacheDirectory } from './cache.ts';
export { type LocateOptions, ServerNotFound } from './locate.ts';
export { locateRavenDb } from './locate-ravendb.ts';
export { locateTemporal } from './locate-temporal.ts';
export { locateTimeSkipping } from './locate-time-skipping.ts';
export { type Progress, type ServerName, serverTitles } from './progress.ts';
export { type EmbeddedRavenDb, type RavenDbOptions, startRavenDb } from './start-ravendb.ts';
export { type EmbeddedServers, type ServersOptions, startServers } from './start-servers.ts';
export { type EmbeddedTemporal, startTemporal, type TemporalOptions } from './start-temporal.ts';
export { startTimeSkipping, type TimeSkippingServer } from './start-time-skipping.ts';
export type { Launch } from './supervised.ts';
