// Simulated time: as fast as it is told to go, the same in every process that follows the same pieces.

/** From a moment of the machine's clock on, time goes on from `simulated`; both in milliseconds since 1970. */
import type { Wait } from '../../../src/core/base/clock.ts';

export interface Piece {
  readonly real: number;
  readonly simulated: number;
  /** Simulated milliseconds in a real one. */
  readonly speed: number;
}

export interface SimulatedClock {
  now(): Date;
  speed(): number;
  /** For a process that begins now. */
  piece(): Piece;
  /** What every process that shares this clock is to follow; it begins a moment later, so that all begin together. */
  setSpeed(speed: number): Piece;
  follow(piece: Piece): void;
  /** Milliseconds of this clock. */
  readonly wait: Wait;
}

/** Time for a message to another process. */
const LEAD_MS = 100;
/** A timer may be set for so long. */
const LONGEST_MS = 60_000;

export function createClock(first: Piece): SimulatedClock {
  let pieces: readonly Piece[] = [first];
  const waking = new Set<() => void>();
  const pieceAt = (real: number) => pieces.findLast((piece) => piece.real <= real) ?? first;
  const timeAt = (real: number) => {
    const piece = pieceAt(real);
    return piece.simulated + (real - piece.real) * piece.speed;
  };
  const time = () => timeAt(Date.now());
  const follow = (piece: Piece) => {
    // One that was announced and has not begun is not to begin any more.
    pieces = [pieceAt(Date.now()), piece];
    for (const wake of [...waking]) wake();
  };

  return {
    now: () => new Date(time()),
    speed: () => pieceAt(Date.now()).speed,
    piece: () => pieceAt(Date.now()),
    setSpeed(speed) {
      const real = Date.now() + LEAD_MS;
      const piece = { real, simulated: timeAt(real), speed };
      follow(piece);
      return piece;
    },
    follow,
    async wait(ms, signal) {
      const until = time() + ms;
      while (!signal.aborted && time() < until) {
        const next = Math.min(...pieces.map(({ real }) => real - Date.now()).filter((left) => left > 0));
        const left = Math.ceil((until - time()) / pieceAt(Date.now()).speed);
        await pause({ ms: Math.min(left, next, LONGEST_MS), signal, waking });
      }
    },
  };
}

function pause(input: {
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly waking: Set<() => void>;
}): Promise<void> {
  const { ms, signal, waking } = input;
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      waking.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    waking.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
