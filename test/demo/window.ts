// VS Code on the demo's world: the developer's own desktop program with data of its own, else the server in a browser.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resource } from '../bed/bed';
import { end, run } from '../bed/command';
import { kill } from '../bed/kill';
import { findProgram } from '../bed/prepare';
import { SettingsFile } from '../vscode/settings';
import { checkout } from './build';
import { vscodeSettings } from './configuration';
import type { Demo } from './environment';

export interface DemoWindow extends Resource {
  /** For the person, as it follows "VS Code". */
  where: string;
  /** Settles when the person has closed the window; a browser's tab tells nobody. */
  closed?: Promise<unknown>;
}

const isMac = process.platform === 'darwin';
const hasDisplay = (): boolean => isMac || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);

/** Desktop VS Code, where it is on the PATH and can show a window. In a remote terminal `code` is another program. */
export function desktopCode(): string | undefined {
  return hasDisplay() && !process.env['VSCODE_IPC_HOOK_CLI'] ? findProgram('code') : undefined;
}

export async function openWindow(demo: Demo): Promise<DemoWindow> {
  const opener = join(demo.folder, 'opener');
  await writeOpener(opener);
  const code = desktopCode();
  return code ? openDesktop(demo, code, opener) : openBrowser(demo, opener);
}

/** Shows our view when the window has started: VS Code has no setting for that. */
async function writeOpener(folder: string): Promise<void> {
  const manifest = {
    name: 'opener',
    publisher: 'task-sessions-demo',
    version: '1.0.0',
    engines: { vscode: '^1.105.0' },
    extensionKind: ['workspace'],
    main: './extension.js',
    activationEvents: ['onStartupFinished'],
  };
  const activate = `exports.activate = () => require('vscode').commands.executeCommand('workbench.view.extension.taskSessions');\n`;
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'extension.js'), activate);
}

/** Without VS Code's own offers to open the ports of the demo's servers. */
const windowSettings = (demo: Demo): Record<string, unknown> => ({
  ...vscodeSettings(demo.settings),
  'remote.autoForwardPorts': false,
});

async function openBrowser(demo: Demo, opener: string): Promise<DemoWindow> {
  // Loaded late: it wants the server installed.
  const { startServer } = await import('../vscode/server');
  const server = await startServer({
    workspace: demo.workspace,
    env: demo.env,
    settings: windowSettings(demo),
    extensions: [checkout, opener],
    builtIn: 'all',
  });
  const url = `http://127.0.0.1:${server.port}/?folder=${encodeURI(demo.workspace)}`;
  const browse = hasDisplay() ? findProgram(isMac ? 'open' : 'xdg-open') : undefined;
  if (browse)
    spawn(browse, [url], { stdio: 'ignore', detached: true })
      .on('error', () => {})
      .unref();
  return { where: browse ? `in your browser: ${url}` : `open ${url}`, dispose: () => server.dispose() };
}

async function openDesktop(demo: Demo, code: string, opener: string): Promise<DemoWindow> {
  const data = join(demo.folder, 'vscode');
  await new SettingsFile(join(data, 'User/settings.json')).create(windowSettings(demo));
  const args = [
    `--user-data-dir=${data}`,
    `--extensions-dir=${join(demo.folder, 'extensions')}`,
    `--extensionDevelopmentPath=${checkout}`,
    `--extensionDevelopmentPath=${opener}`,
    '--use-inmemory-secretstorage',
    '--disable-workspace-trust',
    '--skip-welcome',
    '--skip-release-notes',
    '--disable-updates',
    '--disable-telemetry',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--new-window',
    '--wait',
    demo.workspace,
  ];
  const child = spawn(code, args, { env: { ...displayEnvironment(), ...demo.env }, stdio: 'ignore' });
  return {
    where: 'a window has opened',
    closed: once(child, 'exit'),
    dispose: async () => {
      await end(child);
      // The program itself is no child of the command that we started; its data folder is on every command line of it.
      const { stdout } = await run(['ps', '-A', '-ww', '-o', 'pid=', '-o', 'args=']);
      for (const line of stdout.split('\n'))
        if (line.includes(`--user-data-dir=${data}`)) kill(Number.parseInt(line, 10));
    },
  };
}

function displayEnvironment(): Record<string, string> {
  const kept = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'USER', 'LOGNAME'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const env = Object.fromEntries(kept);
  // The demo has a runtime folder of its own, but the display's socket lies in the real one.
  const { WAYLAND_DISPLAY: display } = env;
  const runtime = process.env['XDG_RUNTIME_DIR'];
  if (display && runtime && !display.startsWith('/')) env['WAYLAND_DISPLAY'] = join(runtime, display);
  return env;
}
