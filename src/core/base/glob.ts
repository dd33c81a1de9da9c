// A glob of * and ?, for patterns in the settings. Not a regular expression: with several stars its time grows
// exponentially, and a name may be long.

/** Letter case is ignored; the whole word must fit. */
export function fits(glob: string, word: string): boolean {
  return fitsExactly(glob.toLowerCase(), word.toLowerCase());
}

/** The same, case-sensitive. */
export function fitsExactly(glob: string, word: string): boolean {
  const [first = '', ...parts] = glob.split('*');
  const last = parts.pop();
  // By characters, because `?` matches a whole one.
  const characters = [...word];
  if (last === undefined) return isAt(characters, 0, [...first]) && characters.length === [...first].length;
  const [start, end] = [[...first], [...last]];
  const behind = characters.length - end.length;
  if (behind < start.length || !isAt(characters, 0, start) || !isAt(characters, behind, end)) return false;
  let at = start.length;
  for (const part of parts) {
    const found = firstAt({ characters, from: at, to: behind }, [...part]);
    if (found === null) return false;
    at = found + [...part].length;
  }
  return true;
}

function isAt(characters: readonly string[], at: number, part: readonly string[]): boolean {
  return part.every((expected, index) => isOne(expected, characters[at + index]));
}

const isOne = (expected: string, character: string | undefined) =>
  character !== undefined && (expected === '?' || expected === character);

interface Range {
  readonly characters: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** The first match of a part between two others. An early match leaves more room for the parts after it. */
function firstAt({ characters, from, to }: Range, part: readonly string[]): number | null {
  if (part.includes('?')) {
    for (let at = from; at + part.length <= to; at++) if (isAt(characters, at, part)) return at;
    return null;
  }
  // Knuth, Morris and Pratt: linear time for a part that almost fits.
  const borders = bordersOf(part);
  let fitting = 0;
  for (let at = from; at <= to; at++) {
    if (fitting === part.length) return at - fitting;
    if (at === to) break;
    while (fitting > 0 && part[fitting] !== characters[at]) fitting = borders[fitting - 1] ?? 0;
    if (part[fitting] === characters[at]) fitting++;
  }
  return null;
}

/** For each prefix of a part: the length of its longest proper prefix that is also its suffix. */
function bordersOf(part: readonly string[]): readonly number[] {
  const borders = part.map(() => 0);
  let border = 0;
  for (let at = 1; at < part.length; at++) {
    while (border > 0 && part[border] !== part[at]) border = borders[border - 1] ?? 0;
    if (part[border] === part[at]) border++;
    borders[at] = border;
  }
  return borders;
}
