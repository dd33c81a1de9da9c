// Who is let in to a node, as a server does it: open connections stay, and at the limit every new one is refused.

/** What a source wants of a node at one moment. */
export interface Wish {
  /** Connections that it would have open. */
  readonly size: number;
  /** How many of its open ones have ended by themselves since the moment before: it opens as many anew. */
  readonly ended: number;
}

export interface Admission {
  /** Connections by source, in the order of the wishes. */
  readonly open: readonly number[];
  /** What each source lacks, and tries to open again and again. */
  readonly lacking: readonly number[];
  /** How often a connection was opened and was refused since the node started; refusals are no whole number. */
  readonly opened: number;
  readonly refused: number;
}

/** A driver clears its pool when a connection fails, and tries again a few at a time. */
const RETRY_SECONDS = 30;

/** @param offer `room` is how many connections fit, the open ones among them; `seconds` have passed since `before` */
export function admit(
  before: Admission,
  wishes: readonly Wish[],
  offer: { readonly room: number; readonly seconds: number },
): Admission {
  const staying = wishes.map(({ size, ended }, at) => Math.min(size, Math.max(0, (before.open[at] ?? 0) - ended)));
  const wanted = wishes.map(({ size }, at) => size - (staying[at] ?? 0));
  const free = Math.max(0, offer.room - sum(staying));
  const granted = shared(free, wanted);
  const lacking = wanted.map((want, at) => want - (granted[at] ?? 0));
  const tries = lacking.map((lack, at) => {
    const again = Math.min(lack, before.lacking[at] ?? 0);
    return lack - again + (again * offer.seconds) / RETRY_SECONDS;
  });
  return {
    open: staying.map((stay, at) => stay + (granted[at] ?? 0)),
    lacking,
    opened: before.opened + sum(granted),
    refused: before.refused + sum(tries),
  };
}

/** Who tries more often gets more of what is free. */
function shared(free: number, wanted: readonly number[]): readonly number[] {
  const all = sum(wanted);
  if (all <= free) return wanted;
  const whole = wanted.map((want) => Math.floor((want * free) / all));
  let left = free - sum(whole);
  return whole.map((part, at) => {
    if (left === 0 || part === wanted[at]) return part;
    left -= 1;
    return part + 1;
  });
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
