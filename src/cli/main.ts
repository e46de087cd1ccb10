#!/usr/bin/env node
/** The command line. */
import { createProgram } from './program.ts';
import { parseCommandLine } from './terminal/cli-error.ts';
import { endWithReader } from './terminal/closed-pipe.ts';

endWithReader();
await parseCommandLine(createProgram());
