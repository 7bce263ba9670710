// The VS Code that tests and the demo run in: desktop where it can be had, else VS Code Server with Chromium.
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { startDesktop } from './desktop';
import { startServer } from './server';
import { Workbench } from './workbench';

/** The folder that holds package.json: the extension under development. */
export const checkout = resolve(__dirname, '../..');

export interface HostOptions {
  /** Absolute folder, or `.code-workspace` file, that windows open unless told otherwise. */
  readonly workspace: string;
  /** What the extension host and terminals see, on top of PATH, LANG and a HOME of their own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of machine scope (desktop: user settings), on top of those that keep the window calm. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** `true` (default): every folder is trusted. `false`: as a person has it, opening in restricted mode. */
  readonly trust?: boolean;
  /** Folders of built extensions, used as if installed: windows are then just as a person has them. */
  readonly extensions?: readonly string[];
  /**
   * The folder of an extension to run from source; `runTests` needs it. VS Code Server takes one only in its smoke test
   * mode, which hides notification toasts: for windows to click in prefer `extensions`.
   */
  readonly extensionDevelopmentPath?: string;
  /** Default: of the extensions that VS Code brings only those that ours meet (VS Code Server alone can do without). */
  readonly builtIn?: 'all';
  /** Built packages to install before the start. */
  readonly vsix?: readonly string[];
  /** Where installed extensions lie; default a folder of this host. */
  readonly extensionsDir?: string;
}

export interface Host {
  readonly kind: 'server' | 'desktop';
  /** Temporary folder of this host, removed by `dispose`. */
  readonly directory: string;
  /** HOME of the extension host and of terminals. */
  readonly home: string;
  /** Opens a window; `folder` defaults to the host's workspace. */
  open(folder?: string): Promise<Page>;
  /** Runs the module's `run()` in the extension host; rejects when it does. */
  runTests(module: string): Promise<void>;
  /** Changes settings while it runs; `undefined` removes one. */
  setSettings(settings: Readonly<Record<string, unknown>>): Promise<void>;
  dispose(): Promise<void>;
}

export async function startHost(options: HostOptions): Promise<Host> {
  const wanted = process.env['TASK_SESSIONS_TEST_HOST'] ?? 'auto';
  switch (wanted) {
    case 'server':
      return startServer(options);
    case 'desktop':
      return startDesktop(options);
    case 'auto':
      if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
        return startServer(options);
      try {
        return await startDesktop(options);
      } catch (error) {
        console.error(`Desktop VS Code cannot be had (${String(error)}); using VS Code Server.`);
        return startServer(options);
      }
    default:
      throw new Error(`TASK_SESSIONS_TEST_HOST is "${wanted}"; it may be desktop, server or auto.`);
  }
}

/** Opens a window and waits until it can be used. */
export async function openWindow(host: Pick<Host, 'open'>, folder?: string): Promise<Workbench> {
  const workbench = new Workbench(await host.open(folder));
  await workbench.ready();
  return workbench;
}
