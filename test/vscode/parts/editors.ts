import type { FrameLocator, Locator, Page } from 'playwright-core';
import { exactly, plain, texts, type Wanted } from './text';

/** Editor tabs, the text of the active editor, and the Markdown preview. */
export class Editors {
  private readonly tabs: Locator;

  constructor(private readonly page: Page) {
    this.tabs = page.locator('.part.editor .tabs-container [role=tab]');
  }

  /** Names on the tabs, from the left. */
  titles(): Promise<string[]> {
    return texts(this.tabs.locator('.monaco-icon-label-container'));
  }

  /** Waits for a tab with this name and answers the tab. */
  async tab(title: Wanted): Promise<Locator> {
    const tab = this.tabs.filter({ hasText: title }).first();
    await tab.waitFor();
    return tab;
  }

  /** The name of the active tab, once there is one. */
  async activeTitle(): Promise<string> {
    const active = this.page.locator('.part.editor .tab.active .monaco-icon-label-container');
    return plain(await active.first().textContent());
  }

  async select(title: Wanted): Promise<void> {
    await (await this.tab(title)).click();
  }

  async close(title: Wanted): Promise<void> {
    const tab = await this.tab(title);
    await tab.hover();
    await tab.getByRole('button', { name: /^Close/ }).click();
    await tab.waitFor({ state: 'detached' });
  }

  /** Clicks a button in the title of the active editor. */
  async clickTitleAction(title: string): Promise<void> {
    const actions = this.page.locator('.part.editor .editor-group-container.active .editor-actions');
    await actions.getByRole('button', { name: title }).click();
  }

  /** The lines in sight of the active text editor. */
  async visibleText(): Promise<string> {
    const lines = this.page.locator('.editor-group-container.active .monaco-editor .view-line');
    await lines.first().waitFor();
    const placed = await lines.evaluateAll((all) =>
      all.map((line): [number, string] => [Number.parseInt(line.style.top, 10), line.textContent ?? '']),
    );
    return placed
      .sort(([a], [b]) => a - b)
      .map(([, text]) => text.replaceAll('\u00a0', ' '))
      .join('\n');
  }

  /** Waits until the active text editor shows this. */
  async shows(wanted: Wanted): Promise<void> {
    const lines = this.page.locator('.editor-group-container.active .monaco-editor .view-lines');
    await lines.filter({ hasText: wanted }).first().waitFor();
  }

  /** The content of the webview in sight: the Markdown preview. Locators in it wait as usual. */
  preview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready:visible').frameLocator('#active-frame');
  }

  /** Follows a link of the preview. */
  async followLink(text: string): Promise<void> {
    await this.preview()
      .locator('a')
      .filter({ hasText: exactly(text) })
      .click();
  }
}
