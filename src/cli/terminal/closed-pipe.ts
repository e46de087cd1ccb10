import { exitCodes } from './exit-codes.ts';

/** Ends the process without a word when nobody reads what it prints any more, as behind `| head`. */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(exitCodes.interrupted);
    });
}
