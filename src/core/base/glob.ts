// A glob of * and ?, as the settings write patterns for names. No regular expression: those try every way to share a word
// among several stars, and a name may be long.

/** Letter case is ignored; the whole word must fit. */
export function fits(glob: string, word: string): boolean {
  return fitsExactly(glob.toLowerCase(), word.toLowerCase());
}

/** The same with the case of each letter. */
export function fitsExactly(glob: string, word: string): boolean {
  const [first = '', ...parts] = glob.split('*');
  const last = parts.pop();
  // By characters, for `?` stands for a whole one.
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
  return part.every((wanted, index) => isOne(wanted, characters[at + index]));
}

const isOne = (wanted: string, character: string | undefined) =>
  character !== undefined && (wanted === '?' || wanted === character);

interface Range {
  readonly characters: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** The first place of a part between two others: what is taken as early as it goes leaves most to those behind it. */
function firstAt({ characters, from, to }: Range, part: readonly string[]): number | null {
  if (part.includes('?')) {
    for (let at = from; at + part.length <= to; at++) if (isAt(characters, at, part)) return at;
    return null;
  }
  // Knuth, Morris and Pratt: no character is looked at for every one of a part that almost fits.
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

/** For each beginning of a part: how long the longest shorter beginning is that it ends with. */
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
