/**
 * Notices a connection that is dead although it stays open: a firewall dropped it, or the host vanished. TCP
 * keep-alive (after a second of idleness, by Node's keep-alive agent) ends most of these, but not one through a
 * proxy, nor one with unsent bytes.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Tuning } from '../../core/contract/tuning.ts';

/** How long the server may be silent while it is its turn. */
export type Patience = Pick<Tuning['connection'], 'silentMs' | 'stuckMs'>;

/** Checks in a row without a byte before the server counts as silent; after a quarter of them it is probed. */
const CHECKS = 12;

/** An exchange to watch. */
export interface Exchange {
  outgoing: ClientRequest;
  /** Whether the body is a stream, which may have nothing to send for a while. */
  streams: boolean;
  /** Asks the server for its progress, by another request; rejects when that is unknown. */
  probeProgress: (() => Promise<string>) | undefined;
  /** Called when bytes have moved, or the server's progress has, since the last look. */
  onMoved: () => void;
  /** Called once, when the server counts as dead. */
  giveUp: (answer: IncomingMessage | undefined) => void;
}

/** Watches an exchange until it ends. Time in which we hold it back ourselves does not count. */
export function watch(
  { outgoing, streams, probeProgress, onMoved, giveUp }: Exchange,
  patience: Patience,
): void {
  const checkMs = patience.silentMs / CHECKS;
  const stuckChecks = patience.stuckMs / checkMs;
  let answer: IncomingMessage | undefined;
  let moved = '';
  let known: string | undefined;
  let probing = false;
  // counted in checks, not by the clock: a worker that was suspended itself must not blame the server
  let silent = 0;
  let stuck = 0;

  const probe = async (progress: () => Promise<string>) => {
    probing = true;
    try {
      const now = await progress();
      silent = 0;
      if (now !== known) {
        stuck = 0;
        onMoved();
      }
      known = now;
    } catch {
      // no sign of life
    } finally {
      probing = false;
    }
  };
  const check = () => {
    const now = bytesMoved(outgoing);
    if (now !== moved) onMoved();
    if (now !== moved || isOurTurn(outgoing, streams, answer)) {
      moved = now;
      silent = 0;
      stuck = 0;
      return;
    }
    silent++;
    stuck++;
    if (silent >= CHECKS || stuck >= stuckChecks) {
      clearInterval(timer);
      giveUp(answer);
    } else if (probeProgress && !probing && silent >= CHECKS / 4) void probe(probeProgress);
  };
  const timer = setInterval(check, checkMs);
  timer.unref();
  outgoing.once('response', (response) => {
    answer = response;
  });
  outgoing.once('close', () => clearInterval(timer));
}

/** Changes with each byte that the server sends, or its system accepts from us. */
function bytesMoved({ socket }: ClientRequest): string {
  return socket ? `${socket.bytesRead} ${socket.bytesWritten - socket.writableLength}` : '';
}

/** Whether the exchange waits for us: for more of the body, or for us to read what has arrived. */
function isOurTurn(outgoing: ClientRequest, streams: boolean, answer: IncomingMessage | undefined): boolean {
  if (streams && !outgoing.writableEnded && outgoing.writableLength === 0) return true;
  return answer !== undefined && (answer.complete || answer.readableLength > 0);
}
