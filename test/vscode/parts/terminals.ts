import type { Locator, Page } from 'playwright-core';
import { until } from './patience';
import { exactly, texts, type Wanted } from './text';

/** Terminals in the panel and in the editor area; "active" is the one in sight that was used last. */
export class Terminals {
  private readonly tabs: Locator;
  private readonly active: Locator;

  constructor(private readonly page: Page) {
    this.tabs = page.locator('[aria-label="Terminal tabs"] .monaco-list-row');
    this.active = page.locator('.terminal-wrapper.active:visible');
  }

  /** Names in the panel's list of terminals, once there is one. */
  async names(): Promise<string[]> {
    await this.tabs.first().waitFor();
    return texts(this.tabs.locator('.label-name'));
  }

  async count(): Promise<number> {
    return this.tabs.count();
  }

  /** Shows the terminal of the panel with this name. */
  async select(name: string): Promise<void> {
    await this.tabs
      .filter({ has: this.page.locator('.label-name', { hasText: exactly(name) }) })
      .first()
      .click();
  }

  /** Everything in the active terminal's buffer, scrollback included, without blank lines at its end. */
  async text(): Promise<string> {
    await this.active.first().waitFor();
    return this.active.first().evaluate((wrapper: XtermElement) => {
      // VS Code leaves the xterm object on the element for just this purpose.
      const buffer = wrapper.xterm?.buffer.active;
      const lines = Array.from({ length: buffer?.length ?? 0 }, (_, row) =>
        buffer?.getLine(row)?.translateToString(true),
      );
      return lines.join('\n').trimEnd();
    });
  }

  /** Waits until the active terminal's text holds this, and answers the text. */
  async shows(wanted: Wanted): Promise<string> {
    let text = '';
    await until(
      async () => {
        text = await this.text();
        if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return true;
        throw new Error(`The terminal shows:\n${text}`);
      },
      { what: `"${wanted}" in the terminal`, intervalMs: 50 },
    );
    return text;
  }

  /** Types into the active terminal; end with `\n` for Enter. */
  async type(text: string): Promise<void> {
    await this.active.first().locator('.xterm-helper-textarea').focus();
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) await this.page.keyboard.press('Enter');
      await this.page.keyboard.type(line);
    }
  }
}

interface XtermElement {
  readonly xterm?: {
    readonly buffer: {
      readonly active: {
        readonly length: number;
        getLine(row: number): { translateToString(trimRight: boolean): string } | undefined;
      };
    };
  };
}
