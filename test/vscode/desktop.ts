// Desktop VS Code, downloaded by @vscode/test-electron and driven through Playwright's Electron support.
import { once } from 'node:events';
import { join } from 'node:path';
import { downloadAndUnzipVSCode, runTests, runVSCodeCommand } from '@vscode/test-electron';
import { _electron as electron, type ElectronApplication } from 'playwright-core';
import type { Host, HostOptions } from './host';
import { makePlace } from './place';
import { SettingsFile } from './settings';

export async function startDesktop(options: HostOptions): Promise<Host> {
  const executablePath = await downloadAndUnzipVSCode('stable');
  const place = await makePlace(options);
  const userData = join(place.directory, 'user');
  const settings = new SettingsFile(join(userData, 'User/settings.json'));
  await settings.create(options.settings ?? {});
  const places = [`--user-data-dir=${userData}`, `--extensions-dir=${place.extensionsDir}`];
  for (const file of options.vsix ?? [])
    await runVSCodeCommand([...places, '--install-extension', file], { spawn: { env: place.env } });
  const flags = [
    ...places,
    '--skip-welcome',
    '--skip-release-notes',
    '--disable-updates',
    '--disable-telemetry',
    '--no-sandbox',
    ...((options.trust ?? true) ? ['--disable-workspace-trust'] : []),
  ];
  const development = options.extensionDevelopmentPath;
  const windows = new Set<ElectronApplication>();
  return {
    kind: 'desktop',
    directory: place.directory,
    home: place.home,
    async open(folder = options.workspace) {
      const args = [folder, ...flags, ...(development ? [`--extensionDevelopmentPath=${development}`] : [])];
      const application = await electron.launch({ executablePath, args, env: place.env });
      windows.add(application);
      application.once('close', () => windows.delete(application));
      return application.firstWindow();
    },
    async runTests(module) {
      if (!development)
        throw new Error('Tests run in an extension under development: extensionDevelopmentPath.');
      await runTests({
        vscodeExecutablePath: executablePath,
        extensionDevelopmentPath: development,
        extensionTestsPath: module,
        extensionTestsEnv: place.env,
        launchArgs: [options.workspace, ...flags],
      });
    },
    setSettings: (changes) => settings.merge(changes),
    async dispose() {
      for (const application of windows) {
        const closed = once(application.process(), 'exit');
        await application.close();
        await closed;
      }
      await place.remove();
    },
  };
}
