// Reads below the path of one project. The error for an unknown project lists the existing ones.

import { nearest } from '../core/base/fuzzy-match.ts';
import { UpstreamError } from '../errors.ts';
import type { Session } from './auth.ts';
import { decodeEach, decodePage, decodeProject } from './decode.ts';

/** `path` follows `/groups/{id}/` and may have a query; `what` is its name for people. */
export interface ListPart {
  readonly path: string;
  readonly what: string;
}

/** Every method rejects with UpstreamError, or with the signal's reason. */
export interface ProjectReader {
  /** An answer that is not paged. */
  json(part: ListPart, signal: AbortSignal): Promise<unknown>;
  /** All pages, or the pages before the first failed one. */
  list(part: ListPart, signal: AbortSignal): Promise<PagedList>;
  /** All pages, for lists that are useless if incomplete. */
  wholeList(part: ListPart, signal: AbortSignal): Promise<readonly unknown[]>;
}

const GROUPS = '/api/atlas/v2/groups';

export function projectReader(session: Session, projectId: string): ProjectReader {
  const json = ({ path, what }: ListPart, signal: AbortSignal) =>
    session.get(
      { path: `${GROUPS}/${encodeURIComponent(projectId)}/${path}`, what: `${what} of project ${projectId}` },
      signal,
    );

  const list = async (part: ListPart, signal: AbortSignal) => {
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

/** Only adds detail to another failure, so its own failure is ignored. */
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

// Reads a paged list of the Admin API to its end, and keeps the items read before a page fails.

/** The maximum page size of Atlas. */
const ITEMS_PER_PAGE = 500;
/** Far more pages than any list of a project has. */
const MOST_PAGES = 200;

export interface PagedList {
  readonly items: readonly unknown[];
  /** The highest item count that any page announced; null if none did. */
  readonly announced: number | null;
  /** The failed page and the reason; null if all were read. */
  readonly failed: { readonly page: number; readonly error: UpstreamError } | null;
}

/**
 * Requests pages by number: a link may lead anywhere, so it only shows whether there is another page. Rejects with the
 * error of `page` if the first page fails, or if the error is not an UpstreamError.
 */
async function readPages(options: {
  readonly what: string;
  readonly page: (pageNum: number) => Promise<unknown>;
}): Promise<PagedList> {
  const items: unknown[] = [];
  const seen = new Set<string>();
  let announced: number | null = null;
  const read = (failed: PagedList['failed']) => ({ items, announced, failed });
  for (let pageNum = 1; pageNum <= MOST_PAGES; pageNum += 1) {
    try {
      const page = decodePage(await options.page(pageNum), options.what);
      if (page.totalCount !== null) announced = Math.max(announced ?? 0, page.totalCount);
      if (page.items.length === 0) return read(null);
      // A list that grows during the read moves items to the next page, so they appear twice.
      const texts = page.items.map((item) => JSON.stringify(item));
      const fresh = page.items.filter((_, index) => !seen.has(texts[index] ?? ''));
      for (const item of fresh) items.push(item);
      for (const text of texts) seen.add(text);
      const more = page.links?.has('next') ?? page.items.length >= ITEMS_PER_PAGE;
      if (!more) return read(null);
      if (fresh.length === 0) throw endless(options.what);
    } catch (error) {
      if (pageNum === 1 || !(error instanceof UpstreamError)) throw error;
      return read({ page: pageNum, error });
    }
  }
  return read({ page: MOST_PAGES + 1, error: endless(options.what) });
}

function endless(what: string): UpstreamError {
  return new UpstreamError({
    code: 'atlas-list-endless',
    text: `Atlas repeats the pages of ${what}, or announces more than ${MOST_PAGES} pages.`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: Atlas itself does not do this.',
  });
}
