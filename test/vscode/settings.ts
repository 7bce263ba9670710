import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A window without greetings, notices and helpers, so that tests meet only what we show. */
const calm: Readonly<Record<string, unknown>> = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'update.mode': 'none',
  'telemetry.telemetryLevel': 'off',
  'git.openRepositoryInParentFolders': 'never',
  'terminal.integrated.stickyScroll.enabled': false,
  // The list of terminals, and so their names, also where there is but one.
  'terminal.integrated.tabs.hideCondition': 'never',
  'editor.accessibilitySupport': 'off',
};

/** The settings file of a host; VS Code watches it, so a change holds without a restart. */
export class SettingsFile {
  constructor(private readonly path: string) {}

  /** Lays the calm settings with `settings` over them. */
  async create(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    await this.write({ ...calm, ...settings });
  }

  /** `undefined` removes a setting. */
  async merge(settings: Readonly<Record<string, unknown>>): Promise<void> {
    const now = JSON.parse(await readFile(this.path, 'utf8')) as Record<string, unknown>;
    await this.write({ ...now, ...settings });
  }

  private async write(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await writeFile(`${this.path}.new`, JSON.stringify(settings, undefined, 2));
    await rename(`${this.path}.new`, this.path);
  }
}
