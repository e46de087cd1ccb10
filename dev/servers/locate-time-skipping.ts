import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheDirectory, exists, installOnce } from './cache.ts';
import { firstThatWorks, type LocateOptions, type Step } from './locate.ts';
import { noteFor } from './progress.ts';
import type { Launch } from './supervised.ts';
import { officialDownload, type RunTool, toolRunner } from './tool.ts';
import { TEMPORAL_TEST_SERVER_VERSION } from './versions.ts';

const ENTRY = `temporal-test-server-${TEMPORAL_TEST_SERVER_VERSION}`;
const EXECUTABLE = 'temporal-test-server';
/** The first version whose goal takes a Maven of today and of some years ago. */
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/**
 * Finds out how to start Temporal's time-skipping test server, fetching it where needed; its one argument is the port.
 * In this order: the cache, Temporal's own download, Maven. Throws {@link ServerNotFound}.
 */
export function locateTimeSkipping(options: LocateOptions = {}): Promise<Launch> {
  const steps: Step[] = [
    { title: 'the cache', find: cached },
    {
      title: "Temporal's download",
      announcement: `fetching Temporal's test server ${TEMPORAL_TEST_SERVER_VERSION} from its vendor, as this machine has none`,
      find: () => fetched(downloadOfficial, options),
    },
    {
      title: 'Maven',
      announcement:
        `fetching Temporal's test server ${TEMPORAL_TEST_SERVER_VERSION} with Maven, as its download cannot be reached; ` +
        'this is done once and takes about a minute',
      find: () => fetched(copyFromMaven, options),
    },
  ];
  return firstThatWorks('time-skipping', steps, options);
}

async function cached(): Promise<Launch> {
  const command = path.join(cacheDirectory(), ENTRY, EXECUTABLE);
  if (!(await exists(command))) throw new Error(`there is no ${command}`);
  return { command, args: [] };
}

type Fetch = (run: RunTool, directory: string) => Promise<void>;

/** Makes the cache entry with what `fetch` leaves in its directory. */
async function fetched(fetch: Fetch, { onProgress, signal }: LocateOptions): Promise<Launch> {
  const note = noteFor('time-skipping', onProgress);
  const build = async (directory: string) => {
    const result = path.join(directory, 'result');
    await mkdir(result);
    await fetch(toolRunner(directory, note, signal), result);
    return result;
  };
  await installOnce(ENTRY, build, { note, signal });
  return await cached();
}

async function downloadOfficial(run: RunTool, directory: string): Promise<void> {
  await run(officialDownload('time-skipping', directory));
}

/** The same program is a Java library; a script beside its jars starts it. */
async function copyFromMaven(run: RunTool, directory: string): Promise<void> {
  // a script that cannot run would stay in the cache
  await run({ command: 'java', args: ['-version'] });
  const pom = path.join(path.dirname(directory), 'pom.xml');
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
    args: ['-B', '-f', pom, COPY_DEPENDENCIES, `-DoutputDirectory=${path.join(directory, 'lib')}`],
  });
  const script = path.join(directory, EXECUTABLE);
  // it lives for minutes: compiling its code twice does not pay
  await writeFile(
    script,
    `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`,
  );
  await chmod(script, 0o755);
}
