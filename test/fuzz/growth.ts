// How the time of a grammar grows with the length of what it reads. Speed is nobody's business here: four times the text
// may take four times as long, and a little more; sixteen times is a square, and that is what an attacker looks for.

export interface Grammar {
  readonly name: string;
  /** Reads the text, whatever comes of it. */
  readonly read: (text: string) => unknown;
}

export interface Growth {
  readonly grammar: string;
  readonly shape: string;
  /** Time for four times the text, by the time for it: 4 is linear, 16 is a square. */
  readonly ratio: number;
  /** Of the longer text, in milliseconds of processor time. */
  readonly took: number;
}

/** Between a line and a square, in powers of four: noise doubles a time, and squares quadruple it. */
const MOST_GROWTH = 9;
/** Below this the clock and the collector are most of what is measured. */
const LEAST_MS = 6;
/** Other work on the machine disturbs some of them, never all. */
const ROUNDS = 6;

/** Repeats of what the grammars go by: their words, separators, quotes, stars, escapes and brackets. */
const UNITS: readonly string[] = [
  ...['x in ', 'in ', 'for ', '4h ', 'until ', 'until 1 ', 'until 2026-11-30 ', 'hold ', 'by ', 'app ', 'prod '],
  ...['" ', '"', '"x" in ', `" in 'a`, '"a"', '“”', "' ", "'a", '. ', '.', ', ', ';', '!'],
  ...['*', '*a', '?', '*?', '\\', '\\"', '&amp;', '&', '<', '<a|', '<@B|', '<http://', '>', '@', ':', '::', '/', '|'],
  ...['mongodb://', 'mongodb://a@', 'mongodb+srv://a:b@c ', 'mongodb', 'secret', 'secre', '%41', '%'],
  ...['mongo:', '://:', 'http://a.b/c:d,', ':a@'],
  ...['a', '1', '1a', ' ', '  x', '\n', '\t', '\r\n', '=', ';=', ',"', ', ='],
  ...['{', '[', ']', '- ', '? ', '&a ', '*a, ', '! ', '#', '# x\n', 'a: ', 'a:\n', 'a=', 'a="', 'a="\\'],
  ...['1.', '1.2.3.4,', 'f:', '0', ' app:', '\u202e', '\u200b', '\u0000', 'é', 'e\u0301', '😀', '👨\u200d'],
];
const ENDS: readonly string[] = ['', 'b', '" 4h'];

export interface Shape {
  readonly name: string;
  readonly of: (length: number) => string;
}

export const SHAPES: readonly Shape[] = UNITS.flatMap((unit) =>
  ENDS.map((end) => ({
    name: JSON.stringify([unit, end]),
    of: (length: number) => `${unit.repeat(Math.ceil(length / unit.length))}${end}`,
  })),
);

/** Of this thread, so that neither the collector nor the compiler counts: milliseconds for so many readings of a text. */
function processorTime(grammar: Grammar, text: string, readings = 1): number {
  const start = process.threadCpuUsage();
  for (let reading = 0; reading < readings; reading++) {
    try {
      grammar.read(text);
    } catch {
      // What is refused is read as well.
    }
  }
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1_000;
}

/**
 * Null where it does not grow faster than the text; measured again before it is said.
 * @param longest of the longer of two texts, in UTF-16 units
 */
export function growthOf(grammar: Grammar, shape: Shape, longest: number): Growth | null {
  // Begins short: a grammar that grows too fast would not come back from the longest.
  for (let length = 1_000; length <= longest; length *= 4) {
    if (processorTime(grammar, shape.of(length)) < LEAST_MS) continue;
    const found = confirmed(() => tooFast(grammar, shape, length));
    if (found !== null) return found;
  }
  return null;
}

/** What collects garbage in the same thread can last for all rounds of one measurement, and not for all of several. */
const MEASUREMENTS = 5;

function confirmed(measure: () => Growth | null): Growth | null {
  let found = measure();
  for (let again = 1; again < MEASUREMENTS && found !== null; again++) found = measure();
  return found;
}

/** By the least times of both texts: what disturbs one reading of one of them does not decide. */
function tooFast(grammar: Grammar, shape: Shape, length: number): Growth | null {
  const [short, long] = [shape.of(Math.ceil(length / 4)), shape.of(length)];
  let [least, took] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round++) {
    took = Math.min(took, processorTime(grammar, long));
    // No square: a sudden cost of the first readings, such as a compilation.
    if (took < LEAST_MS) return null;
    // Four of them are as much text, so that the clock is as exact.
    least = Math.min(least, processorTime(grammar, short, 4) / 4);
  }
  const ratio = took / Math.max(least, LEAST_MS / 64);
  return ratio <= MOST_GROWTH ? null : { grammar: grammar.name, shape: shape.name, ratio, took };
}
