// One headless browser for all windows of this process.
import { chromium, type Browser, type Page } from 'playwright-core';
import { findProgram } from '../bed/prepare';
import { patienceMs } from './parts/patience';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

let browser: Promise<Browser> | undefined;

function launch(): Promise<Browser> {
  const executablePath = names.map(findProgram).find((path) => path !== undefined);
  if (!executablePath)
    throw new Error(`Chromium is not installed (looked for ${names.join(', ')}): apt-get install chromium`);
  return chromium.launch({
    executablePath,
    // Our own signal handling (processes.ts) ends the process; Playwright kills the browser as it exits.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page with storage of its own: user settings and secrets of one window are not seen by another. */
export async function openPage(origin: string): Promise<Page> {
  browser ??= launch();
  const context = await (
    await browser
  ).newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  context.setDefaultTimeout(patienceMs);
  return context.newPage();
}

export async function closeBrowser(): Promise<void> {
  const open = browser;
  browser = undefined;
  await (await open)?.close();
}
