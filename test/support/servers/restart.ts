/** Servers that a test has killed, started again where they were: on the same port, with the same data. */
import {
  type EmbeddedRavenDb,
  type EmbeddedTemporal,
  startRavenDb,
  startTemporal,
} from '../../../dev/servers/index.ts';

/**
 * @param settings of the server from now on
 * @throws when it does not start
 */
export function restartRavenDb(
  { url, dataDirectory }: EmbeddedRavenDb,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedRavenDb> {
  return startRavenDb({ port: Number(new URL(url).port), dataDirectory, settings });
}

/**
 * @param dbFile the file that it was started with
 * @throws when it does not start
 */
export function restartTemporal({ address }: EmbeddedTemporal, dbFile: string): Promise<EmbeddedTemporal> {
  return startTemporal({ port: Number(address.split(':')[1]), dbFile });
}
