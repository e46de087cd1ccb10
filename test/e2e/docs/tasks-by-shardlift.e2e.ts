/** Takes long: each command is a process of its own, and runs last until somebody decides. */
import { describe } from 'vitest';
import { tasksBy } from '../../support/scenarios/tasks.ts';

describe('the tasks of docs/tasks.md with `shardlift`', () => tasksBy('shardlift'));
