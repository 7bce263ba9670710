import type { Locator, Page } from 'playwright-core';
import { until } from '../../bed/until';
import { exactly, plain, texts, type Wanted } from './text';

/** The notifications at the lower right. */
export class Notifications {
  private readonly toasts: Locator;

  constructor(page: Page) {
    this.toasts = page.locator('.notifications-toasts .notification-list-item');
  }

  /** Waits for a notification and answers its text. */
  async read(wanted: Wanted = /\S/): Promise<string> {
    return plain(await this.one(wanted).locator('.notification-list-item-message').textContent());
  }

  /** The texts of those in sight now. */
  all(): Promise<string[]> {
    return texts(this.toasts.locator('.notification-list-item-message'));
  }

  /** Waits until none is in sight. */
  async none(): Promise<void> {
    await this.toasts.first().waitFor({ state: 'hidden' });
  }

  async buttons(wanted: Wanted = /\S/): Promise<string[]> {
    await this.one(wanted).waitFor();
    return texts(this.one(wanted).locator('.monaco-button'));
  }

  async click(wanted: Wanted, button: string): Promise<void> {
    await this.one(wanted)
      .locator('.monaco-button')
      .filter({ hasText: exactly(button) })
      .click();
  }

  async dismiss(wanted: Wanted = /\S/): Promise<void> {
    const toast = this.one(wanted);
    await toast.hover();
    await toast.getByRole('button', { name: 'Clear Notification' }).click();
  }

  private one(wanted: Wanted): Locator {
    return this.toasts.filter({ hasText: wanted }).first();
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
