// Which of a project's clusters the settings mean, and which of their words mean none.

import { nearest } from '../core/base/fuzzy-match.ts';
import { fitsExactly } from '../core/base/glob.ts';
import { inWords, type Problem } from '../core/base/problem.ts';

/** A name or a pattern of the settings that no cluster has. */
export interface Unmatched {
  readonly name: string;
  /** `stage-*`: clusters of that name may still come. */
  readonly isPattern: boolean;
  readonly problem: Problem;
}

/** @param wanted names or patterns; null for all of them */
export function isWanted(name: string, wanted: readonly string[] | null): boolean {
  return wanted === null || wanted.some((pattern) => fitsExactly(pattern, name));
}

/** @param input.names all clusters of the project, left or not */
export function unmatchedOf(input: {
  readonly wanted: readonly string[] | null;
  readonly names: readonly string[];
  /** The project's place in the settings. */
  readonly index: number;
}): readonly Unmatched[] {
  const { wanted, names, index } = input;
  const setting = `projects[${index}].clusters`;
  const lost = (wanted ?? []).filter((word) => !names.some((name) => fitsExactly(word, name)));
  return lost.map((name) => {
    const isPattern = /[*?]/.test(name);
    const which = isPattern
      ? `${name}, which fits no cluster of the project`
      : `${name}, and the project has no such cluster`;
    const near = isPattern ? null : nearest(name, names);
    const remedy =
      near === null ? `Name its clusters, or leave ${setting} out for all of them.` : `Did you mean ${near}?`;
    const text = `${setting} names ${which}: ${names.length === 0 ? 'it has none' : some(names)}.`;
    return { name, isPattern, problem: { code: 'cluster-unmatched', text, remedy } };
  });
}

/** As clusters that are left. A pattern is one where there is no cluster at all: else some may come to have the name. */
export function leftOf(unmatched: readonly Unmatched[], known: number) {
  return unmatched
    .filter(({ isPattern }) => known === 0 || !isPattern)
    .map(({ name, problem }) => ({ name, reason: inWords(problem) }));
}

const MOST_NAMED = 10;

/** In the order of the alphabet; of a long list its beginning. */
export function some(names: readonly string[]): string {
  const named = names.toSorted().slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${named}, …` : named;
}
