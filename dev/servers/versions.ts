/** The servers that are fetched: the same on every machine, whatever the source. */
export const TEMPORAL_CLI_VERSION = '1.5.1';
/** The time-skipping test server has versions of its own. */
export const TEMPORAL_TEST_SERVER_VERSION = '1.31.0';
export const RAVENDB_VERSION = '7.1.5';
