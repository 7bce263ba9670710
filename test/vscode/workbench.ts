// Drives a VS Code window as a hand would: keyboard, pointer and what is to be read on the screen.
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { Editors } from './parts/editors';
import { Dialog, Notifications } from './parts/messages';
import { QuickInput } from './parts/quickInput';
import { Terminals } from './parts/terminals';
import { plain, type Wanted } from './parts/text';
import { Tree } from './parts/tree';

const screenshots = resolve(__dirname, '../output/screenshots');

const themes = {
  light: ['Light Modern', 'vs'],
  dark: ['Dark Modern', 'vs-dark'],
  highContrast: ['Dark High Contrast', 'hc-black'],
} as const;

export class Workbench {
  readonly quickInput: QuickInput;
  readonly notifications: Notifications;
  readonly dialog: Dialog;
  readonly editors: Editors;
  readonly terminals: Terminals;

  constructor(readonly page: Page) {
    this.quickInput = new QuickInput(page);
    this.notifications = new Notifications(page);
    this.dialog = new Dialog(page);
    this.editors = new Editors(page);
    this.terminals = new Terminals(page);
    // "Leave site?" is the browser's, not ours.
    page.on('dialog', (dialog) => void dialog.accept());
  }

  /** Waits until the window stands and knows what its extensions contribute (they may still be activating). */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    await this.page.waitForFunction(`performance.getEntriesByName('code/didLoadExtensions').length > 0`);
  }

  /** Runs a command of the palette by its title as shown, such as `Task Sessions: Refresh`. */
  runCommand(title: string): Promise<void> {
    return this.quickInput.runCommand(title);
  }

  /** Clears notifications, so that a later one is not taken for an earlier one of the same text. */
  async clearNotifications(): Promise<void> {
    if (await this.notifications.isEmpty()) return;
    await this.runCommand('Notifications: Clear All Notifications');
    await this.notifications.none();
  }

  /** Shows a view container by its icon in the activity bar; one that shows already stays. */
  async openViewContainer(title: string): Promise<void> {
    const icon = this.viewContainerIcon(title);
    await icon.waitFor();
    if ((await icon.getAttribute('aria-expanded')) === 'true') return;
    await icon.click();
    await icon.and(this.page.locator('[aria-expanded=true]')).waitFor();
  }

  /** The badge of a view container's icon, empty without one. */
  async badge(title: string): Promise<string> {
    return plain(await this.viewContainerIcon(title).locator('.badge-content').textContent());
  }

  tree(name: string): Tree {
    return new Tree(this.page, name);
  }

  /** An item of the status bar by its text or accessible name. */
  statusItem(wanted: Wanted): Locator {
    const items = this.page.locator('.part.statusbar .statusbar-item');
    return items
      .filter({ hasText: wanted })
      .or(items.getByRole('button', { name: wanted }))
      .first();
  }

  /** The banner on top, in restricted mode. */
  banner(): Locator {
    return this.page.locator('.part.banner');
  }

  /** Presses keys one after another, such as `Control+Shift+E`, `ArrowDown`. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** What a screen reader would say has the keyboard: the active row of a list, else the focused element. */
  focused(): Promise<string> {
    return this.page.evaluate<string>(`(() => {
      const element = document.activeElement;
      const row = document.getElementById(element?.getAttribute('aria-activedescendant') ?? '')
        ?? element?.querySelector('.monaco-list-row.focused');
      return (row ?? element)?.getAttribute('aria-label') ?? '';
    })()`);
  }

  /** The system clipboard as text. */
  clipboard(): Promise<string> {
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  async setTheme(theme: keyof typeof themes): Promise<void> {
    const [name, style] = themes[theme];
    await this.runCommand('Preferences: Color Theme');
    await this.quickInput.type(name);
    await this.page.keyboard.press('Enter');
    await this.quickInput.closed();
    await this.page.locator(`.monaco-workbench.${style}`).waitFor();
  }

  /** Reloads the window by its own command (the browser's reload would end its terminals); extensions start anew. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('domcontentloaded');
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /** Keeps a picture as `test/output/screenshots/<name>.png`; answers its path. */
  async screenshot(name: string): Promise<string> {
    await mkdir(screenshots, { recursive: true });
    const path = resolve(screenshots, `${name.replace(/[^\w-]+/g, '-').slice(0, 120)}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
    return path;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  private viewContainerIcon(title: string): Locator {
    return this.page.locator(`.activitybar [role=tab]:has(> .action-label[aria-label^="${title}"])`);
  }
}
