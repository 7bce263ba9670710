import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { codeServerFolder } from '../bed/prepare';
import { endTree } from '../bed/processes';
import { openPage } from './chromium';
import type { Host, HostOptions } from './host';
import { makePlace } from './place';
import { SettingsFile } from './settings';

const serverMain = join(codeServerFolder(), 'lib/vscode/out/server-main.js');
const builtIn = join(codeServerFolder(), 'lib/vscode/extensions');
/** VS Code Server needs Node 24, whatever runs the tests. */
const node = resolve(__dirname, '../../node_modules/.bin/node');

export interface Server extends Host {
  readonly kind: 'server';
  readonly port: number;
  /** The address of a window on `folder`; with `tests`, their module runs in its extension host. */
  url(folder: string, options?: { readonly tests?: string }): string;
}

/** Starts VS Code Server on loopback, with data, extensions and HOME of its own. */
export async function startServer(options: HostOptions): Promise<Server> {
  if (!existsSync(serverMain))
    throw new Error(`VS Code Server is not installed at ${serverMain}: run "npm test", which installs it.`);
  const place = await makePlace(options);
  const { directory, home, env } = place;
  const settings = new SettingsFile(join(directory, 'server/data/Machine/settings.json'));
  await settings.create(options.settings ?? {});
  const places = ['--server-data-dir', join(directory, 'server'), '--extensions-dir', place.extensionsDir];
  if (options.builtIn !== 'all') places.push('--builtin-extensions-dir', await neededExtensions(directory));
  for (const file of options.vsix ?? [])
    await promisify(execFile)(node, [serverMain, ...places, '--install-extension', file], {
      env,
      timeout: 60_000,
    });

  const child = spawn(node, [serverMain, ...flags(options), ...places], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const contexts = new Set<BrowserContext>();
  const dispose = async () => {
    await Promise.all([...contexts].map((context) => context.close()));
    if (child.pid !== undefined) await endTree(child.pid);
    await place.remove();
  };

  let port: number;
  try {
    port = await listening(child);
  } catch (error) {
    await dispose();
    throw error;
  }
  const open = async (url: string, prepare?: (page: Page) => Promise<void>) => {
    const page = await openPage(`http://127.0.0.1:${port}`);
    contexts.add(page.context());
    page.once('close', () => contexts.delete(page.context()));
    await prepare?.(page);
    await page.goto(url);
    return page;
  };
  const url: Server['url'] = (folder, { tests } = {}) => windowUrl(port, folder, options, tests);
  return {
    kind: 'server',
    port,
    directory,
    home,
    url,
    open: (folder = options.workspace) => open(url(folder)),
    runTests: (tests) =>
      new Promise((done, fail) => {
        const log: string[] = [];
        const finish = (page: Page, code: unknown) => {
          void page.context().close();
          if (code === 0) done();
          else
            fail(new Error(`The extension host ended with ${String(code)}:\n${log.slice(-50).join('\n')}`));
        };
        // The window reports through these, as VS Code's own browser tests have it.
        open(url(options.workspace, { tests }), async (page) => {
          await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
            log.push(args.join(' '));
          });
          await page.exposeFunction('codeAutomationExit', (code: unknown) => finish(page, code));
        }).catch(fail);
      }),
    setSettings: (changes) => settings.merge(changes),
    dispose,
  };
}

/** What a window of ours meets of the hundred that VS Code brings; the others take a second of every start. */
const needed = ['configuration-editing', 'git', 'git-base', 'json', 'markdown-basics', 'markdown-language-features', 'theme-defaults']; // prettier-ignore

async function neededExtensions(directory: string): Promise<string> {
  const folder = join(directory, 'builtIn');
  await mkdir(folder);
  for (const name of needed) await symlink(join(builtIn, name), join(folder, name));
  return folder;
}

function flags(options: HostOptions): string[] {
  return [
    '--host=127.0.0.1',
    '--port=0',
    '--without-connection-token',
    '--accept-server-license-terms',
    '--telemetry-level=off',
    ...(options.extensionDevelopmentPath ? ['--enable-smoke-test-driver'] : []),
    ...((options.trust ?? true) ? ['--disable-workspace-trust'] : []),
  ];
}

function windowUrl(port: number, folder: string, options: HostOptions, tests: string | undefined): string {
  const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [['skipWelcome', 'true']];
  if (options.extensionDevelopmentPath)
    payload.push(['extensionDevelopmentPath', remote(options.extensionDevelopmentPath)]);
  if (tests) payload.push(['extensionTestsPath', remote(tests)]);
  const query = new URLSearchParams({ payload: JSON.stringify(payload) });
  query.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', folder);
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}

/** The port of a server that has come up; what it said instead when it has not. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((done, fail) => {
    let said = '';
    const giveUp = (why: string) => fail(new Error(`VS Code Server ${why}. It said:\n${said}`));
    const timer = setTimeout(() => giveUp('did not come up in 30 s'), 30_000);
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-10_000);
      const port = /Extension host agent listening on (\d+)/.exec(said)?.[1];
      if (!port) return;
      clearTimeout(timer);
      done(Number(port));
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      giveUp(`ended with ${code ?? signal}`);
    });
  });
}
