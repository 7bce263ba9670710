import type { Locator, Page } from 'playwright-core';
import { until } from '../../bed/until';
import { exactly, plain, texts, type Wanted } from './text';

/** Where the pointer meets a label: its middle may lie behind the row's buttons, and be scrolled to, out of the picture. */
const start = { x: 4, y: 8 };

export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** From 1. */
  readonly level: number;
  /** Undefined for a leaf. */
  readonly expanded: boolean | undefined;
  /** What a screen reader says. */
  readonly ariaLabel: string;
}

/** A tree view by its name. Rows are looked for by a part of their text, top to bottom, scrolling where needed. */
export class Tree {
  readonly element: Locator;
  readonly rows: Locator;
  private readonly pane: Locator;

  constructor(
    private readonly page: Page,
    readonly name: string,
  ) {
    this.element = page.getByRole('tree', { name, exact: true });
    this.rows = this.element.locator('.monaco-list-rows > .monaco-list-row');
    this.pane = page
      .locator('.pane')
      .filter({ has: page.locator(`.pane-header[aria-label="${name} Section"]`) });
  }

  /** The first row with this text, scrolled into sight; waits for it to appear. */
  async row(wanted: Wanted): Promise<Locator> {
    const match = this.rows.filter({ hasText: wanted }).first();
    await until(
      async () => {
        if (await match.count()) return true;
        const seen = await this.scrollThrough(async () => (await match.count()) > 0);
        if (await match.count()) return true;
        throw new Error(`The rows are:\n${seen.map(({ label }) => `  ${label}`).join('\n')}`);
      },
      { what: `a row "${wanted}" in the view ${this.name}`, timeoutMs: 10_000, intervalMs: 100 },
    );
    await this.reveal(match);
    return match;
  }

  /** All rows as far as the tree is expanded, also those out of sight. */
  async all(): Promise<TreeRow[]> {
    await this.rows.first().waitFor();
    return this.scrollThrough(async () => false);
  }

  /** Expands the rows one after another: a path from the top. Each must have children. */
  async expand(...path: Wanted[]): Promise<void> {
    for (const wanted of path) await this.toggle(wanted, true);
  }

  async collapse(wanted: Wanted): Promise<void> {
    await this.toggle(wanted, false);
  }

  async click(wanted: Wanted): Promise<void> {
    await (await this.row(wanted)).locator('.label-name').click({ position: start });
  }

  async doubleClick(wanted: Wanted): Promise<void> {
    await (await this.row(wanted)).locator('.label-name').dblclick({ position: start });
  }

  /** Titles of the inline actions, which show while the pointer is over the row. */
  async actions(wanted: Wanted): Promise<string[]> {
    const row = await this.row(wanted);
    await row.hover();
    const buttons = row.locator('.actions .action-label');
    return buttons.evaluateAll((all) => all.map((button) => button.getAttribute('aria-label') ?? ''));
  }

  /** `asks`: the command asks for a task by itself. */
  async clickAction(wanted: Wanted, action: string, { asks = false } = {}): Promise<void> {
    // A redraw of the tree takes the buttons from under the pointer: then it comes again.
    await until(
      async () => {
        await this.redrawn();
        const row = await this.row(wanted);
        await row.hover();
        await row.getByRole('button', { name: action }).click({ timeout: 2500 });
        return asks || !(await this.asksWhichTask());
      },
      { what: `"${wanted}" has the action ${action}`, timeoutMs: 20_000 },
    );
  }

  /**
   * VS Code forgets for a moment what its rows stand for where it draws them anew several times, and calls the command
   * as from the palette. Nothing tells that it does not, so this waits half a second for the question, and takes it back.
   */
  private async asksWhichTask(): Promise<boolean> {
    const question = this.page.getByPlaceholder('Type a key or words of the summary');
    const isAsked = await question.waitFor({ timeout: 500 }).then(
      () => true,
      () => false,
    );
    if (!isAsked) return false;
    await this.page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    return true;
  }

  /** Opens the context menu and reads its items; `pickFromMenu` picks one instead. */
  async menu(wanted: Wanted): Promise<string[]> {
    const items = await this.openMenu(wanted);
    // Beside its title an item may show a key.
    const titles = await texts(items.locator('.action-label'));
    await this.page.keyboard.press('Escape');
    return titles.filter(Boolean);
  }

  async pickFromMenu(wanted: Wanted, item: string): Promise<void> {
    const items = await this.openMenu(wanted);
    const title = this.page.locator('.action-label').filter({ hasText: exactly(item) });
    await items.filter({ has: title }).hover();
    // A menu that has just opened takes the keyboard, but not yet a click.
    await this.page.keyboard.press('Enter');
    await items.first().waitFor({ state: 'hidden' });
  }

  /** The tooltip's text, as it appears when the pointer rests on the row. */
  async tooltip(wanted: Wanted): Promise<Locator> {
    const hover = this.page.locator('.workbench-hover .hover-contents');
    // A redraw of the tree under the pointer takes the tooltip back: then the pointer comes again.
    await until(
      async () => {
        // From elsewhere, so that an earlier hover of the same row does not count.
        await this.page.mouse.move(0, 0);
        await (await this.row(wanted)).locator('.label-name').hover({ position: start });
        await hover.first().waitFor({ timeout: 2500 });
        return true;
      },
      { what: `a tooltip of "${wanted}"` },
    );
    return hover.first();
  }

  /** Clicks a button in the title of the view, or of its container where it is the only view. */
  async clickTitleAction(title: string): Promise<void> {
    // The tooltip of a row may lie over the view: it does not matter which of them the pointer is on.
    await this.page.mouse.move(0, 0);
    const header = this.pane.locator('.pane-header');
    await ((await header.isVisible()) ? header : this.element).hover({ force: true });
    const button = this.page
      .locator('.part.sidebar .composite.title, .pane-header')
      .getByRole('button', { name: title });
    await button.first().click();
  }

  /** The welcome content that stands in an empty view. */
  welcome(): Locator {
    return this.pane.locator('.welcome-view-content');
  }

  /** The message line above the rows. */
  message(): Locator {
    return this.pane.locator('.tree-explorer-viewlet-tree-view > .message');
  }

  /** Gives the tree the keyboard without the mouse, as the palette's command for the view does. */
  async focus(): Promise<void> {
    await this.element.focus();
  }

  private async openMenu(wanted: Wanted): Promise<Locator> {
    await this.redrawn();
    await (await this.row(wanted)).locator('.label-name').click({ button: 'right', position: start });
    const items = this.page.locator('.monaco-menu [role=menuitem]').filter({ hasText: /\S/ });
    await items.first().waitFor();
    return items;
  }

  /** VS Code forgets what a row stands for while a refresh redraws it, and calls the command without it. */
  private async redrawn(): Promise<void> {
    const progress = this.page.locator('.part.sidebar .monaco-progress-container.active');
    await progress.first().waitFor({ state: 'hidden' });
  }

  /** Toggles a row and, when it expands, waits for its children: there must be one. */
  private async toggle(wanted: Wanted, expanded: boolean): Promise<void> {
    const row = await this.row(wanted);
    if ((await row.getAttribute('aria-expanded')) !== String(expanded))
      await row.locator('.monaco-tl-twistie').click();
    await until(
      async () => {
        const rows = await this.rendered();
        const parent = Number(await row.getAttribute('data-index'));
        const [self, next] = [parent, parent + 1].map((index) => rows.find((other) => other.index === index));
        if (!self || self.expanded !== expanded) return false;
        if (expanded && !next && !self.last) await this.scroll('down');
        return !expanded || (next !== undefined && next.level > self.level);
      },
      { what: `"${wanted}" ${expanded ? 'expands and has children' : 'collapses'}` },
    );
  }

  /** Reads rows from the top, a screenful at a time, to the end or until `enough`. */
  private async scrollThrough(enough: () => Promise<boolean>): Promise<TreeRow[]> {
    const seen = new Map<number, TreeRow>();
    if ((await this.rows.count()) === 0) return [];
    for (let rows = await this.scroll('up'); ; rows = await this.scroll('down')) {
      for (const { index, ...row } of rows) seen.set(index, row);
      if (rows.at(-1)?.last !== false || (await enough())) break;
    }
    return [...seen]
      .sort(([a], [b]) => a - b)
      .map(([, { label, description, level, expanded, ariaLabel }]) => ({
        label,
        description,
        level,
        expanded,
        ariaLabel,
      }));
  }

  /** Most of a screenful down, or to the very top; answers the rows then in sight. */
  private async scroll(direction: 'up' | 'down'): Promise<RenderedRow[]> {
    const before = await this.rendered();
    const first = before[0]?.index ?? 0;
    const goal = direction === 'up' ? 0 : first + Math.floor(before.length * 0.8);
    if (direction === 'up' ? first === 0 : before.at(-1)?.last) return before;
    const rowHeight = (await this.rows.first().boundingBox())?.height ?? 22;
    await this.wheel((goal - first) * rowHeight);
    return until(
      async () => {
        const now = await this.rendered();
        const moved = now[0]?.index !== first;
        return (direction === 'up' ? now[0]?.index === 0 : moved) ? now : undefined;
      },
      { what: `the view ${this.name} scrolls`, intervalMs: 10 },
    );
  }

  /** Moves a row that is cut off, or covered by the sticky rows on top, to the middle of the view. */
  private async reveal(row: Locator): Promise<void> {
    const sticky = this.element.locator('.monaco-tree-sticky-container');
    const [view, cover, box] = await Promise.all(
      [this.element, sticky, row].map((part) => part.boundingBox()),
    );
    if (!view || !box) return;
    const top = view.y + (cover?.height ?? 0);
    if (box.y >= top && box.y + box.height <= view.y + view.height) return;
    await this.wheel(box.y + box.height / 2 - view.y - view.height / 2);
  }

  /** Scrolls. A turn of Playwright's wheel moves one notch, however far it turns: too slow for long trees. */
  private async wheel(pixels: number): Promise<void> {
    // VS Code moves 50 px for 120 units of `wheelDeltaY`.
    const units = Math.round((pixels * 120) / 50);
    await this.element.locator('.monaco-list-rows').evaluate((rows, deltaY) => {
      const { WheelEvent } = rows.ownerDocument.defaultView as unknown as WheelWindow;
      const turn = { deltaY, wheelDeltaY: -deltaY, bubbles: true, cancelable: true };
      rows.dispatchEvent(new WheelEvent('wheel', turn));
    }, units);
  }

  private async rendered(): Promise<RenderedRow[]> {
    const rows = await this.rows.evaluateAll((all) =>
      all.map((row) => ({
        index: Number(row.getAttribute('data-index')),
        last: row.getAttribute('data-last-element') === 'true',
        level: Number(row.getAttribute('aria-level')),
        expanded: row.getAttribute('aria-expanded'),
        ariaLabel: row.getAttribute('aria-label') ?? '',
        label: row.querySelector('.label-name')?.textContent ?? '',
        description: row.querySelector('.label-description')?.textContent ?? '',
      })),
    );
    return rows
      .map((row) => ({
        ...row,
        label: plain(row.label),
        description: plain(row.description),
        expanded: row.expanded === null ? undefined : row.expanded === 'true',
      }))
      .sort((a, b) => a.index - b.index);
  }
}

interface RenderedRow extends TreeRow {
  readonly index: number;
  readonly last: boolean;
}

/** Chromium takes `wheelDeltaY` too, which is what VS Code reads. */
interface WheelWindow {
  readonly WheelEvent: new (type: 'wheel', init: Readonly<Record<string, unknown>>) => object;
}
