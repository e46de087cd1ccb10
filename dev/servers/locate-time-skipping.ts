import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheDirectory, exists } from './cache.ts';
import { firstThatWorks, type LocateOptions } from './locate.ts';
import type { Launch } from './supervised.ts';
import { type Fetch, fetchOnce, officialDownload, type RunTool } from './tool.ts';
import { TEMPORAL_TEST_SERVER_VERSION } from './versions.ts';

const ENTRY = `temporal-test-server-${TEMPORAL_TEST_SERVER_VERSION}`;
const EXECUTABLE = 'temporal-test-server';
/** A version that works with current and with older versions of Maven. */
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/**
 * Returns how to start Temporal's time-skipping test server, and fetches it if necessary; its only argument is the port.
 * Looks in this order: the cache, Temporal's own download, Maven. Throws {@link ServerNotFound}.
 */
export function locateTimeSkipping(options: LocateOptions = {}): Promise<Launch> {
  const fetched = async (fetch: Fetch) => {
    await fetchOnce('time-skipping', ENTRY, fetch, options);
    return await cached();
  };
  const server = `Temporal's test server ${TEMPORAL_TEST_SERVER_VERSION}`;
  return firstThatWorks(
    'time-skipping',
    [
      { title: 'the cache', find: cached },
      {
        title: "Temporal's download",
        announcement: `downloading ${server} from its vendor`,
        find: () => fetched(officialDownload('time-skipping')),
      },
      {
        title: 'Maven',
        announcement: `fetching ${server} with Maven, because the download failed; this takes about a minute, once`,
        find: () => fetched(copyFromMaven),
      },
    ],
    options,
  );
}

async function cached(): Promise<Launch> {
  const command = path.join(cacheDirectory(), ENTRY, EXECUTABLE);
  if (!(await exists(command))) throw new Error(`${command} does not exist`);
  return { command, args: [] };
}

/** The same program is a Java library; a script beside its jars starts it. */
async function copyFromMaven(run: RunTool, directory: string): Promise<string> {
  const result = path.join(directory, 'result');
  // without Java the script would be cached but could never run
  await run({ command: 'java', args: ['-version'] });
  const pom = path.join(directory, 'pom.xml');
  await writeFile(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>shardlift</groupId><artifactId>test-server</artifactId><version>1</version>
  <dependencies><dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${TEMPORAL_TEST_SERVER_VERSION}</version></dependency></dependencies>
</project>
`,
  );
  await run({
    command: 'mvn',
    args: ['-B', '-f', pom, COPY_DEPENDENCIES, `-DoutputDirectory=${path.join(result, 'lib')}`],
  });
  const script = path.join(result, EXECUTABLE);
  // the server runs only for minutes, too short for the optimizing compiler
  await writeFile(
    script,
    `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`,
  );
  await chmod(script, 0o755);
  return result;
}
