import { after, afterEach, before, beforeEach } from 'mocha';
import { closeBrowser } from './chromium';
import { testMs } from './parts/patience';
import { openWindow, startHost, type Host, type HostOptions } from './host';
import type { Workbench } from './workbench';

// At the root: the browser serves all specs and closes after the last.
after(closeBrowser);

export interface Window {
  readonly host: Host;
  readonly workbench: Workbench;
}

/**
 * For a `describe`: one VS Code with one window for its tests, ended after them. A test that fails leaves a picture,
 * `failed <title>`, in the folder of screenshots. Read the properties within tests only.
 */
export function useWindow(options: () => HostOptions | Promise<HostOptions>): Window {
  let host: Host | undefined;
  let workbench: Workbench | undefined;
  before('VS Code starts', async function () {
    this.timeout(testMs);
    host = await startHost(await options());
    workbench = await openWindow(host);
  });
  beforeEach('a window takes its time', function () {
    this.currentTest?.timeout(testMs);
  });
  afterEach('keep a picture of a failure', async function () {
    if (this.currentTest?.state === 'failed')
      await workbench?.screenshot(`failed ${this.currentTest.fullTitle()}`);
  });
  after('VS Code ends', () => host?.dispose());
  return {
    get host() {
      if (!host) throw new Error('VS Code has not started yet.');
      return host;
    },
    get workbench() {
      if (!workbench) throw new Error('The window is not open yet.');
      return workbench;
    },
  };
}
