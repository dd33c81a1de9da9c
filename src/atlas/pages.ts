// Walks a paged list of the Admin API to its end, and keeps what was read when a page fails.

import { UpstreamError } from '../errors.ts';
import { decodePage } from './decode.ts';

/** The most that Atlas gives at once. */
export const ITEMS_PER_PAGE = 500;
/** Far more than any list of a project holds: an answer that never ends is not one. */
const MOST_PAGES = 200;

export interface PagedList {
  readonly items: readonly unknown[];
  /** The page that could not be read, and why; null when the list is whole. */
  readonly failed: { readonly page: number; readonly error: UpstreamError } | null;
}

/** Rejects with what `page` rejects with where it is the first page, or is not an UpstreamError. */
export async function readPages(options: {
  readonly what: string;
  readonly page: (pageNum: number) => Promise<unknown>;
}): Promise<PagedList> {
  const items: unknown[] = [];
  for (let pageNum = 1; pageNum <= MOST_PAGES; pageNum += 1) {
    try {
      const page = decodePage(await options.page(pageNum), options.what);
      items.push(...page.items);
      const more = page.hasNext ?? page.items.length >= ITEMS_PER_PAGE;
      if (!more || page.items.length === 0) return { items, failed: null };
    } catch (error) {
      if (pageNum === 1 || !(error instanceof UpstreamError)) throw error;
      return { items, failed: { page: pageNum, error } };
    }
  }
  return { items, failed: { page: MOST_PAGES + 1, error: endless(options.what) } };
}

function endless(what: string): UpstreamError {
  return new UpstreamError({
    code: 'atlas-list-endless',
    text: `Atlas announced more than ${MOST_PAGES} pages of ${what}.`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: Atlas itself does not do this.',
  });
}
