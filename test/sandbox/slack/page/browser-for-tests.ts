// Finds a Chromium on this machine and opens pages in it, for tests; a machine without one skips them by name.

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { TestContext } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** Only ends what hangs. */
const PATIENCE_MS = 120_000;
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface OpenBrowser {
  /** A page in a context of its own, at 1280 × 800 unless told. */
  page(options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Skips the test where there is no Chromium; with `chromium` in `ATLAS_CONNS_REQUIRE`, rejects instead. Closed with the test. */
export async function openBrowser(context: TestContext): Promise<OpenBrowser> {
  const path = await findChromium();
  if (path === null) return context.skip(`no Chromium (tried CHROMIUM_BINARY, /usr/bin/chromium, the PATH)`);
  const browser = await launchBrowser(path);
  context.onTestFinished(() => browser.close());
  return browser;
}

/** The path of a Chromium; null where there is none and none is required. */
export async function findChromium(): Promise<string | null> {
  const named = process.env['CHROMIUM_BINARY'];
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  for (const path of [...(named ? [named] : []), '/usr/bin/chromium', ...onPath])
    if (await executable(path)) return path;
  if ((process.env['ATLAS_CONNS_REQUIRE'] ?? '').split(/[\s,]+/).includes('chromium')) {
    throw new Error('no Chromium, and ATLAS_CONNS_REQUIRE asks for one: set CHROMIUM_BINARY');
  }
  return null;
}

export async function launchBrowser(executablePath: string): Promise<OpenBrowser> {
  const browser = await chromium.launch({ executablePath, args: QUIET, timeout: PATIENCE_MS });
  return {
    page: async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      return context.newPage();
    },
    close: () => browser.close(),
  };
}

function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
