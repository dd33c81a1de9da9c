// Walks a paged list of the Admin API to its end, and keeps what was read when a page fails.

import { UpstreamError } from '../errors.ts';
import { decodePage } from './decode.ts';

/** The most that Atlas gives at once. */
export const ITEMS_PER_PAGE = 500;
/** Far more than any list of a project holds: an answer that never ends is not one. */
const MOST_PAGES = 200;

export interface PagedList {
  readonly items: readonly unknown[];
  /** The most items that any page announced; null where none did. */
  readonly announced: number | null;
  /** The page that could not be read, and why; null when all were read. */
  readonly failed: { readonly page: number; readonly error: UpstreamError } | null;
}

/**
 * Pages are asked for by number: a link may lead anywhere, so it only says whether there is another page.
 * Rejects with what `page` rejects with where it is the first page, or is not an UpstreamError.
 */
export async function readPages(options: {
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
      // A list that grows while it is read moves items to the next page: they come twice.
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
