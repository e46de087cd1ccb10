/* Supervises a program and waits to be killed: `supervise LOG_FILE COMMAND ARGS...`. Prints the program's pid. */
import { supervise } from '../../../../dev/servers/supervised.ts';

const [logFile = '', command = '', ...args] = process.argv.slice(2);
const program = await supervise({ command, args }, logFile);
process.stdout.write(`${program.pid}\n`);
setInterval(() => undefined, 1_000);
