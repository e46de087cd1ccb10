import { comparesAgain } from './support/long-runs.ts';

// a thousand comparisons that fail
comparesAgain('300 days', { comparisons: 1_000, runs: 50 });
