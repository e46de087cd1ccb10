import { expect, test } from 'vitest';
import { DEFAULT_TASK_QUEUE, hostTaskQueue, pieceTaskQueue } from '../../../src/core/contract/task-queues.ts';

test('each host, and the pieces of copies, have task queues of their own', () => {
  const queues = [
    DEFAULT_TASK_QUEUE,
    pieceTaskQueue(DEFAULT_TASK_QUEUE),
    hostTaskQueue(DEFAULT_TASK_QUEUE, 'a'),
    hostTaskQueue(DEFAULT_TASK_QUEUE, 'b'),
  ];
  expect(queues).toEqual(['shardlift', 'shardlift/pieces', 'shardlift@a', 'shardlift@b']);
});
