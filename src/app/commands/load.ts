// `load`: the adapter with the edges of this process. It needs no settings.

import { nodeProblem } from '../../cluster/problems.ts';
import { secretsInUri } from '../../config/schemas.ts';
import type { LoadEvent } from '../../core/load/run.ts';
import { type LoadRequest, load } from '../../load/load.ts';
import type { World } from './types.ts';

export function runLoad(
  request: LoadRequest,
  { log, openFiles = () => null }: Pick<World, 'log' | 'openFiles'>,
): AsyncGenerator<LoadEvent, void, undefined> {
  log.hide(secretsInUri(request.uri));
  // The clock of the system may be set while a run lasts.
  const now = () => new Date(performance.now());
  return load(request, { now, problemOf: nodeProblem, openFiles: openFiles() });
}
