// A glob of * and ?, as the settings write patterns for names.

/** Letter case is ignored; the whole word must fit. */
export function fits(glob: string, word: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`, 'isu').test(word);
}
