import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Of a Chromium on this machine: none is installed for the tests. */
export function chromiumPath(): string | undefined {
  const given = process.env['CHROMIUM_PATH'] ?? '';
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return given === ''
    ? folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync)
    : given;
}

export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath });
}

/** As wide as the narrowest phones, and without scripts. */
export async function narrowPage(browser: Browser): Promise<Page> {
  const viewport = { width: 360, height: 740 };
  const context = await browser.newContext({ javaScriptEnabled: false, viewport });
  context.setDefaultTimeout(10_000);
  return context.newPage();
}

/** How wide what it shows is, also where that lies outside of the window. */
export async function shownWidth(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  const { cssContentSize } = await devtools.send('Page.getLayoutMetrics');
  await devtools.detach();
  return cssContentSize.width;
}
