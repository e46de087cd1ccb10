/** The servers that are fetched: the same on every machine, whatever the source. */
export const TEMPORAL_CLI_VERSION = '1.5.1';
/** The time-skipping test server has versions of its own. */
export const TEMPORAL_TEST_SERVER_VERSION = '1.31.0';

/** Before 7.0 RavenDB wrote its logs by itself. */
const OWN_LOGS = '--Logs.Mode=Operations';
const NLOG = '--Logs.MinLevel=Warn';

/** Releases of RavenDB that can be fetched, by what their servers call themselves. */
export const RAVENDB_RELEASES = {
  '5.4.207': { pypi: '5.4.0', dotnet: '8.0.13', logs: OWN_LOGS },
  '6.2.4': { pypi: '6.2.4', dotnet: '8.0.13', logs: OWN_LOGS },
  '7.0.2': { pypi: '7.0.2', dotnet: '8.0.15', logs: NLOG },
  '7.1.5': { pypi: '7.1.5', dotnet: '8.0.22', logs: NLOG },
} as const;
export type RavenDbVersion = keyof typeof RAVENDB_RELEASES;

/** The one that is started where nobody asks for another. */
export const RAVENDB_VERSION: RavenDbVersion = '7.1.5';
