// A YAML text as plain data. What is wrong in it is named by place and code: the parser's messages would quote the file,
// which may hold secrets.

import { LineCounter, parseDocument } from 'yaml';
import type { Problem } from '../core/problem.ts';

export interface YamlRead {
  /** Null where there are problems. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
}

/** @param name how its reader calls the file */
export function parseYaml(name: string, source: string): YamlRead {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    const text = `${name} is not valid YAML at line ${line}, column ${col} (${error.code}).`;
    return { code: 'setting', text, remedy: 'Check the indentation and the quotes there.' };
  });
  if (problems.length > 0) return { data: null, problems };
  try {
    return { data: document.toJS(), problems };
  } catch {
    const text = `${name} has an alias (*name) without an anchor, or too many of them.`;
    return { data: null, problems: [{ code: 'setting', text, remedy: 'Quote values that begin with *.' }] };
  }
}
