#!/usr/bin/env node
/** The command `shardlift`. */
import { createProgram } from './program.ts';
import { parseCommandLine } from './terminal/cli-error.ts';

await parseCommandLine(createProgram());
