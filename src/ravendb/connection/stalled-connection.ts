/**
 * Notices a line that has gone dead while it stays open: a firewall that forgot the connection, a host that vanished.
 * TCP keep-alive (on, with Node's keep-alive agent, after a second of idleness) ends most of these, but not one with
 * a proxy between, nor one with bytes on their way.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Tuning } from '../../core/contract/tuning.ts';

/** How long the other side may be silent while it is its turn. */
export type Patience = Pick<Tuning['connection'], 'silentMs' | 'stuckMs'>;

/** Bytes are looked at this often before the other side counts as silent; after a quarter it is asked. */
const LOOKS = 12;

/** An exchange to watch. */
export interface Exchange {
  outgoing: ClientRequest;
  /** Whether the body is a stream, which may have nothing to send for a while. */
  streams: boolean;
  /** Asks the other side, by another request, how far it is; rejects when there is no telling. */
  howFar: (() => Promise<string>) | undefined;
  /** Called once, when the other side is taken for dead. */
  giveUp: (answer: IncomingMessage | undefined) => void;
}

/** Watches an exchange until it is over. Time in which we ourselves hold it back does not count. */
export function watch({ outgoing, streams, howFar, giveUp }: Exchange, patience: Patience): void {
  const lookMs = patience.silentMs / LOOKS;
  const stuckLooks = patience.stuckMs / lookMs;
  let answer: IncomingMessage | undefined;
  let moved = '';
  let known: string | undefined;
  let asking = false;
  // counted in looks and not by the clock: a worker that was itself suspended must not blame the server
  let silent = 0;
  let stuck = 0;

  const ask = async (question: () => Promise<string>) => {
    asking = true;
    try {
      const told = await question();
      silent = 0;
      if (told !== known) stuck = 0;
      known = told;
    } catch {
      // no sign of life
    } finally {
      asking = false;
    }
  };
  const look = () => {
    const now = bytesMoved(outgoing);
    if (now !== moved || isOurTurn(outgoing, streams, answer)) {
      moved = now;
      silent = 0;
      stuck = 0;
      return;
    }
    silent++;
    stuck++;
    if (silent >= LOOKS || stuck >= stuckLooks) {
      clearInterval(timer);
      giveUp(answer);
    } else if (howFar && !asking && silent >= LOOKS / 4) void ask(howFar);
  };
  const timer = setInterval(look, lookMs);
  timer.unref();
  outgoing.once('response', (response) => {
    answer = response;
  });
  outgoing.once('close', () => clearInterval(timer));
}

/** Changes with each byte that the other side sends, or its system takes from us. */
function bytesMoved({ socket }: ClientRequest): string {
  return socket ? `${socket.bytesRead} ${socket.bytesWritten - socket.writableLength}` : '';
}

/** Whether the exchange waits for us: for more of the body, or until what has arrived of the answer is read. */
function isOurTurn(outgoing: ClientRequest, streams: boolean, answer: IncomingMessage | undefined): boolean {
  if (streams && !outgoing.writableEnded && outgoing.writableLength === 0) return true;
  return answer !== undefined && (answer.complete || answer.readableLength > 0);
}
