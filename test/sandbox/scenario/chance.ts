// Chance that is the same in every run: a number from names, without a state.

/** From 0 up to, not including, 1; the same for the same parts (FNV-1a, then murmur3's last mix). */
export function chance(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of parts.join('|')) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return mixed(hash) / 2 ** 32;
}

/** The fast form for many: one number of a seeded row. */
export function chanceAt(seed: number, index: number): number {
  return mixed(Math.imul(seed ^ index, 0x9e3779b1) + index) / 2 ** 32;
}

function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
