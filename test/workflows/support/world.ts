/** A Temporal server whose clock skips, and workers whose activities are those of each test. One set a process. */
import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { startTimeSkipping } from '../../../dev/servers/index.ts';
import { pieceTaskQueue } from '../../../src/core/contract/task-queues.ts';
import {
  searchAttributes as attributes,
  indexedValueTypes,
} from '../../../src/core/run/search-attributes.ts';
import { type ActivityName, HOST, healthy } from './healthy.ts';

/** Does an activity for the workflow that asks for it. */
type Perform = (name: ActivityName, input: unknown) => Promise<unknown>;

/** What the tests of a process share. It ends with the process. */
export interface World {
  client: Client;
  taskQueue: string;
  testService: NonNullable<Connection['testService']>;
  /** Who does the activities, by workflow id. */
  performers: Map<string, Perform>;
  /** What the worker says of the search attributes, by workflow id; by default that the namespace does not know them. */
  searchAttributes: Map<string, () => Promise<boolean>>;
  /** Milliseconds for which no activity has begun, been at work or ended. */
  idleMs(): number;
  /** Starts a worker of activities alone. */
  startWorker(taskQueue: string): Promise<Worker>;
  /** Starts a worker of workflows and activities. */
  startWholeWorker(taskQueue: string): Promise<Worker>;
}

let opened: Promise<World> | undefined;

/** The world of this process. */
export function world(): Promise<World> {
  opened ??= open();
  return opened;
}

async function open(): Promise<World> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    // the server's answer on what it can do is that of an old one
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  const { address } = await startTimeSkipping();
  const forClock = {
    address,
    // without the symbol a connection does not speak to the clock
    [InternalConnectionOptionsSymbol]: { supportsTestService: true },
    // an unlock that is refused must not be tried again by itself: it would unlock the clock of a later test
    interceptors: [],
  };
  const [connection, clock, native] = await Promise.all([
    Connection.connect({ address }),
    Connection.connect(forClock),
    NativeConnection.connect({ address }),
  ]);
  await registerSearchAttributes(connection);
  const { testService } = clock;
  if (!testService) throw new Error('the connection does not reach the clock of the server');
  const performers = new Map<string, Perform>();
  const searchAttributes: World['searchAttributes'] = new Map();
  const names = Object.keys(healthy) as ActivityName[];
  let [atWork, movedAt] = [0, Date.now()];
  const perform = async (name: ActivityName, input: unknown): Promise<unknown> => {
    atWork++;
    try {
      return await performers.get(activityInfo().workflowExecution?.workflowId ?? '')?.(name, input);
    } finally {
      atWork--;
      movedAt = Date.now();
    }
  };
  const activities = {
    ...Object.fromEntries(names.map((name) => [name, (input: unknown) => perform(name, input)])),
    hasSearchAttributes: async () =>
      (await searchAttributes.get(activityInfo().workflowExecution?.workflowId ?? '')?.()) ?? false,
  };
  const start = async (taskQueue: string, bundle?: string): Promise<Worker> => {
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      activities,
      // an activity hears of its cancellation with the answer to a heartbeat
      maxHeartbeatThrottleInterval: '10ms',
      ...(bundle !== undefined && { workflowBundle: { codePath: bundle } }),
    });
    void worker.run();
    return worker;
  };
  const taskQueue = `logic-${randomUUID()}`;
  await Promise.all([
    start(taskQueue, inject('logicBundle')),
    start(pieceTaskQueue(taskQueue)),
    start(`${taskQueue}@${HOST}`),
  ]);
  return {
    client: new Client({ connection }),
    taskQueue,
    testService,
    performers,
    searchAttributes,
    idleMs: () => (atWork > 0 ? 0 : Date.now() - movedAt),
    startWorker: start,
    startWholeWorker: (queue) => start(queue, inject('logicBundle')),
  };
}

/** Without them this server fails each task of a workflow that sets one. */
async function registerSearchAttributes({ operatorService }: Connection): Promise<void> {
  const types = Object.entries(attributes).map(([name, type]) => [name, indexedValueTypes[type]]);
  await operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(types),
  });
}
