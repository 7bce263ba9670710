import type { Locator, Page } from 'playwright-core';
import { untilDone } from './patience';
import { exactly, plain, type Wanted } from './text';

export interface QuickItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** The quick pick, input box and command palette. */
export class QuickInput {
  readonly widget: Locator;
  readonly input: Locator;
  private readonly rows: Locator;

  constructor(private readonly page: Page) {
    this.widget = page.locator('.quick-input-widget:not(.quick-input-widget-closing):visible');
    this.input = this.widget.locator('.quick-input-box input');
    this.rows = this.widget.locator('.quick-input-list .monaco-list-row');
  }

  /** Runs a command of the palette by its title as shown, such as `Task Sessions: Refresh`. */
  async runCommand(title: string): Promise<void> {
    // The palette closes again where something else takes the focus at this moment.
    await untilDone(
      async (timeoutMs) => {
        await this.page.keyboard.press('F1');
        await this.input.fill(`>${title}`, { timeout: timeoutMs });
        await this.item(exactly(title)).click({ timeout: timeoutMs });
        return true;
      },
      { what: `the palette has the command ${title}` },
    );
  }

  /** Waits for the input that asks this: in its title, placeholder, description or message. */
  async asks(question: Wanted): Promise<void> {
    const said = this.widget.locator('.quick-input-title, .quick-input-description, .quick-input-message');
    const byText = said.filter({ hasText: question });
    await byText.or(this.widget.getByPlaceholder(question)).filter({ visible: true }).first().waitFor();
  }

  /** Types over what is there; a list is filtered by it. */
  async type(text: string): Promise<void> {
    await this.input.fill(text);
  }

  /** Types and confirms with Enter. */
  async enter(text: string): Promise<void> {
    await this.type(text);
    await this.page.keyboard.press('Enter');
  }

  /** Clicks the first item whose label matches. */
  async pick(label: Wanted): Promise<void> {
    await this.item(label).click();
  }

  /** The items in sight (long lists render only those), once there is at least one. */
  async items(): Promise<QuickItem[]> {
    await this.rows.first().waitFor();
    const found = await this.rows.evaluateAll((rows) =>
      rows.map((row) => [
        row.querySelector('.label-name')?.textContent ?? '',
        row.querySelector('.label-description')?.textContent ?? '',
        row.querySelector('.quick-input-list-label-meta')?.textContent ?? '',
      ]),
    );
    return found.map(([label = '', description = '', detail = '']) => ({
      label: plain(label),
      description: plain(description),
      detail: plain(detail),
    }));
  }

  /** The validation message or prompt below an input box. */
  async message(): Promise<string> {
    return plain(await this.widget.locator('.quick-input-message').textContent());
  }

  /** Presses Escape; another input may follow. */
  async cancel(): Promise<void> {
    await this.input.focus();
    await this.page.keyboard.press('Escape');
  }

  private item(label: Wanted): Locator {
    const named = this.page.locator('.label-name').filter({ hasText: label });
    return this.rows.filter({ has: named }).first();
  }

  /** Waits until no quick input is open. */
  async closed(): Promise<void> {
    await this.widget.waitFor({ state: 'hidden' });
  }
}
