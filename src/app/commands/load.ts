// `load`: the adapter with the edges of this process. It needs no settings.

import { nodeProblem } from '../../cluster/problems.ts';
import { secretsInUri } from '../../config/schemas.ts';
import type { LoadEvent } from '../../core/load/run.ts';
import { type LoadRequest, load } from '../../load/load.ts';
import type { World } from './types.ts';

export function runLoad(
  request: LoadRequest,
  { now, log, openFiles = () => null }: Pick<World, 'now' | 'log' | 'openFiles'>,
): AsyncGenerator<LoadEvent, void, undefined> {
  log.hide(secretsInUri(request.uri));
  return load(request, { now, problemOf: nodeProblem, openFiles: openFiles() });
}
