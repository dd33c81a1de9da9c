// Reads below one project's path, and says so in what it asks for; an unknown project ends with those that exist.

import { nearest } from '../core/base/fuzzy-match.ts';
import { UpstreamError } from '../errors.ts';
import type { Session } from './auth.ts';
import { decodeEach, decodeProject } from './decode.ts';
import { ITEMS_PER_PAGE, type PagedList, readPages } from './pages.ts';

/** `path` follows `/groups/{id}/` and may have a query; `what` names it for people. */
export interface Part {
  readonly path: string;
  readonly what: string;
}

/** Every method rejects with UpstreamError, or with the signal's reason where somebody aborted it. */
export interface ProjectReader {
  /** An answer that is not paged. */
  json(part: Part, signal: AbortSignal): Promise<unknown>;
  /** All pages, or those before the first that failed. */
  list(part: Part, signal: AbortSignal): Promise<PagedList>;
  /** All pages: for lists that are of no use in part. */
  wholeList(part: Part, signal: AbortSignal): Promise<readonly unknown[]>;
}

const GROUPS = '/api/atlas/v2/groups';

export function projectReader(session: Session, projectId: string): ProjectReader {
  const json = ({ path, what }: Part, signal: AbortSignal) =>
    session.get(
      { path: `${GROUPS}/${encodeURIComponent(projectId)}/${path}`, what: `${what} of project ${projectId}` },
      signal,
    );

  const list = async (part: Part, signal: AbortSignal) => {
    const page = (pageNum: number) => json({ ...part, path: paged(part.path, pageNum) }, signal);
    try {
      return await readPages({ what: part.what, page });
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.problem.code !== 'atlas-project-unknown') throw error;
      throw withProjects({ error, projectId, projects: await visibleProjects(session, signal) });
    }
  };

  return {
    json,
    list,
    async wholeList(part, signal) {
      const { items, failed } = await list(part, signal);
      if (failed !== null) throw failed.error;
      return items;
    },
  };
}

function paged(path: string, pageNum: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}itemsPerPage=${ITEMS_PER_PAGE}&pageNum=${pageNum}`;
}

interface Project {
  readonly id: string;
  readonly name: string;
}

/** Only to help with another failure, so its own adds nothing. */
async function visibleProjects(session: Session, signal: AbortSignal): Promise<readonly Project[]> {
  const what = 'the list of projects';
  const page = (pageNum: number) => session.get({ path: paged(GROUPS, pageNum), what }, signal);
  try {
    return decodeEach((await readPages({ what, page })).items, decodeProject).values;
  } catch (error) {
    if (error instanceof UpstreamError) return [];
    throw error;
  }
}

function withProjects(unknown: {
  readonly error: UpstreamError;
  readonly projectId: string;
  readonly projects: readonly Project[];
}): UpstreamError {
  const { error, projectId, projects } = unknown;
  if (projects.length === 0) return error;
  const nearestId = nearest(
    projectId,
    projects.map(({ id }) => id),
  );
  const shown = nearestId === null ? projects.slice(0, 5) : projects.filter(({ id }) => id === nearestId);
  const names = shown.map(({ id, name }) => `${name} (${id})`).join(', ');
  const rest = projects.length - shown.length;
  const hint =
    nearestId === null
      ? `These credentials see ${names}${rest > 0 ? ` and ${rest} more` : ''}.`
      : `Did you mean ${names}?`;
  return new UpstreamError({ ...error.problem, remedy: `${error.problem.remedy} ${hint}` }, { cause: error });
}
