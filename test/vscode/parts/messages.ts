import type { Locator, Page } from 'playwright-core';
import { until, untilDone } from './patience';
import { exactly, plain, texts, type Wanted } from './text';

/**
 * The notifications at the lower right. VS Code takes one back after some ten seconds, and does not let each of many pop
 * up; what is waited for and not in sight for a while is looked for in its list of notifications.
 */
export class Notifications {
  private readonly shown: Locator;

  constructor(private readonly page: Page) {
    this.shown = page.locator(
      '.notifications-toasts .notification-list-item, .notifications-center.visible .notification-list-item',
    );
  }

  /** Waits for a notification and answers its text. */
  async read(wanted: Wanted = /\S/): Promise<string> {
    const one = await this.one(wanted);
    return plain(await one.locator('.notification-list-item-message').textContent());
  }

  /** The texts of those in sight now. */
  all(): Promise<string[]> {
    return texts(this.shown.locator('.notification-list-item-message'));
  }

  /** None is in sight, nor unread in the list. */
  async isEmpty(): Promise<boolean> {
    const unread = this.bell.locator('.codicon-bell-dot');
    return (await this.shown.or(unread).count()) === 0;
  }

  /** Waits until none is in sight, nor unread in the list. */
  async none(): Promise<void> {
    await until(() => this.isEmpty(), { what: 'there are no notifications' });
  }

  async buttons(wanted: Wanted = /\S/): Promise<string[]> {
    return texts((await this.one(wanted)).locator('.monaco-button'));
  }

  async click(wanted: Wanted, button: string): Promise<void> {
    await untilDone(
      async (timeoutMs) => {
        const one = await this.one(wanted);
        const found = one.locator('.monaco-button').filter({ hasText: exactly(button) });
        await found.click({ timeout: timeoutMs });
        return true;
      },
      { what: `"${wanted}" has the button ${button}` },
    );
  }

  async dismiss(wanted: Wanted = /\S/): Promise<void> {
    const one = await this.one(wanted);
    await one.hover();
    await one.getByRole('button', { name: 'Clear Notification' }).click();
  }

  private get bell(): Locator {
    return this.page.locator('[id="status.notifications"] .statusbar-item-label');
  }

  private async one(wanted: Wanted): Promise<Locator> {
    const found = this.shown.filter({ hasText: wanted }).first();
    await untilDone(
      async (timeoutMs) => {
        const isShown = await found.waitFor({ timeout: timeoutMs }).then(
          () => true,
          () => false,
        );
        // A click beside a question takes it back: so only once a toast should long have come.
        if (!isShown && timeoutMs >= 10_000 && !(await this.isEmpty())) await this.openList();
        return isShown;
      },
      { what: `a notification "${wanted}"` },
    );
    return found;
  }

  private async openList(): Promise<void> {
    if (await this.page.locator('.notifications-center.visible').count()) return;
    await this.bell.click();
  }
}

/** The modal dialog. */
export class Dialog {
  private readonly box: Locator;

  constructor(private readonly page: Page) {
    this.box = page.locator('.monaco-dialog-box');
  }

  /** Waits for the dialog; answers its message and, on a new line, its detail. */
  async read(): Promise<string> {
    await this.box.waitFor();
    return this.said();
  }

  async buttons(): Promise<string[]> {
    await this.box.waitFor();
    return texts(this.box.locator('.dialog-buttons .monaco-button'));
  }

  async click(button: string): Promise<void> {
    const asked = await this.read();
    await this.box
      .locator('.dialog-buttons .monaco-button')
      .filter({ hasText: exactly(button) })
      .click();
    // The answer may lead to another dialog at once.
    const isAnswered = async (): Promise<boolean> =>
      !(await this.box.isVisible()) || (await this.said()) !== asked;
    await until(isAnswered, { what: `the dialog is answered: ${asked}` });
  }

  async cancel(): Promise<void> {
    await this.box.waitFor();
    await this.page.keyboard.press('Escape');
    await this.box.waitFor({ state: 'hidden' });
  }

  private async said(): Promise<string> {
    const lines = await texts(this.box.locator('.dialog-message-text, .dialog-message-detail'));
    return lines.filter(Boolean).join('\n');
  }
}
