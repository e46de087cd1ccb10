/** How long the command line waits for what. */
import { readTuning } from '../../config/tuning.ts';

export const { cli: tuning } = readTuning(process.env);
