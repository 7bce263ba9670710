import type { Locator, Page } from 'playwright-core';
import { until as poll } from '../../bed/until';
import { patienceMs, until, untilDone } from './patience';
import { exactly, texts, type Wanted } from './text';
import { TreeScroll, type TreeRow } from './treeScroll';

/** Where the pointer meets a label: its middle may lie behind the row's buttons, and be scrolled to, out of the picture. */
const start = { x: 4, y: 8 };

/** A tree view by its name. Rows are looked for by a part of their text, top to bottom, scrolling where needed. */
export class Tree {
  readonly element: Locator;
  readonly rows: Locator;
  private readonly pane: Locator;
  private readonly scroll: TreeScroll;

  constructor(
    private readonly page: Page,
    readonly name: string,
  ) {
    this.element = page.getByRole('tree', { name, exact: true });
    this.rows = this.element.locator('.monaco-list-rows > .monaco-list-row');
    this.scroll = new TreeScroll(name, this.element, this.rows);
    this.pane = page
      .locator('.pane')
      .filter({ has: page.locator(`.pane-header[aria-label="${name} Section"]`) });
  }

  /** The first row with this text, scrolled into sight; waits for it to appear. */
  async row(wanted: Wanted, timeoutMs = patienceMs): Promise<Locator> {
    const match = this.rows.filter({ hasText: wanted }).first();
    await until(
      async () => {
        if (await match.count()) return true;
        const seen = await this.scroll.through(async () => (await match.count()) > 0);
        if (await match.count()) return true;
        throw new Error(`The rows are:\n${seen.map(({ label }) => `  ${label}`).join('\n')}`);
      },
      { what: `a row "${wanted}" in the view ${this.name}`, timeoutMs, intervalMs: 100 },
    );
    await this.scroll.reveal(match);
    return match;
  }

  /** All rows as far as the tree is expanded, also those out of sight. */
  async all(): Promise<TreeRow[]> {
    await this.rows.first().waitFor();
    return this.scroll.through(async () => false);
  }

  /** Expands the rows one after another: a path from the top. Each must have children. */
  async expand(...path: Wanted[]): Promise<void> {
    for (const wanted of path) await this.toggle(wanted, true);
  }

  async collapse(wanted: Wanted): Promise<void> {
    await this.toggle(wanted, false);
  }

  async click(wanted: Wanted): Promise<void> {
    await this.onLabel(wanted, (label, timeout) => label.click({ position: start, timeout }));
  }

  async doubleClick(wanted: Wanted): Promise<void> {
    await this.onLabel(wanted, (label, timeout) => label.dblclick({ position: start, timeout }));
  }

  /** Titles of the inline actions, which show while the pointer is over the row. */
  async actions(wanted: Wanted): Promise<string[]> {
    return untilDone(
      async (timeout) => {
        await this.uncover(timeout);
        const row = await this.row(wanted, timeout);
        await row.hover({ timeout });
        const buttons = row.locator('.actions .action-label');
        return buttons.evaluateAll((all) => all.map((button) => button.getAttribute('aria-label') ?? ''));
      },
      { what: `the actions of "${wanted}"` },
    );
  }

  async clickAction(wanted: Wanted, action: string): Promise<void> {
    await this.unlessForgotten(() =>
      untilDone(
        async (timeout) => {
          await this.uncover(timeout);
          const row = await this.row(wanted, timeout);
          await row.hover({ timeout });
          await row.getByRole('button', { name: action }).click({ timeout });
          return true;
        },
        { what: `"${wanted}" has the action ${action}` },
      ),
    );
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
    const title = this.page.locator('.action-label').filter({ hasText: exactly(item) });
    await this.unlessForgotten(() =>
      untilDone(
        async (timeout) => {
          const items = await this.openMenu(wanted);
          await items.filter({ has: title }).hover({ timeout });
          // A menu that has just opened takes the keyboard, but not yet a click.
          await this.page.keyboard.press('Enter');
          await items.first().waitFor({ state: 'hidden', timeout });
          return true;
        },
        { what: `the menu of "${wanted}" has ${item}` },
      ),
    );
  }

  /** The tooltip's text, as it appears when the pointer rests on the row. */
  async tooltip(wanted: Wanted): Promise<Locator> {
    const hover = this.page.locator('.workbench-hover .hover-contents');
    // A redraw of the tree under the pointer takes the tooltip back: then the pointer comes again.
    await untilDone(
      async (timeout) => {
        // From elsewhere, so that an earlier hover of the same row does not count.
        await this.page.mouse.move(0, 0);
        await (await this.row(wanted, timeout)).locator('.label-name').hover({ position: start, timeout });
        await hover.first().waitFor({ timeout });
        return true;
      },
      { what: `a tooltip of "${wanted}"` },
    );
    return hover.first();
  }

  /** Clicks a button in the title of the view, or of its container where it is the only view. */
  async clickTitleAction(title: string): Promise<void> {
    const header = this.pane.locator('.pane-header');
    const button = this.page
      .locator('.part.sidebar .composite.title, .pane-header')
      .getByRole('button', { name: title });
    await untilDone(
      async (timeout) => {
        // The tooltip of a row may lie over the view: it does not matter which of them the pointer is on.
        await this.page.mouse.move(0, 0);
        await ((await header.isVisible()) ? header : this.element).hover({ force: true, timeout });
        await button.first().click({ timeout });
        return true;
      },
      { what: `the view ${this.name} has ${title} in its title` },
    );
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
    const items = this.page.locator('.monaco-menu [role=menuitem]').filter({ hasText: /\S/ });
    await untilDone(
      async (timeout) => {
        await this.uncover(timeout);
        // One that was left open by an earlier try takes the click.
        if (await items.count()) await this.page.keyboard.press('Escape');
        const label = (await this.row(wanted, timeout)).locator('.label-name');
        await label.click({ button: 'right', position: start, timeout });
        await items.first().waitFor({ timeout });
        return true;
      },
      { what: `the menu of "${wanted}" opens` },
    );
    return items;
  }

  /** The tooltip of a row lies over those below. One that stays elsewhere is no harm: a click waits for what it can hit. */
  private async uncover(timeout: number): Promise<void> {
    const tooltip = this.page.locator('.workbench-hover').first();
    if (!(await tooltip.isVisible())) return;
    // A pointer that stands there already would tell VS Code nothing.
    await this.page.mouse.move(1, 1);
    await this.page.mouse.move(0, 0);
    await tooltip.waitFor({ state: 'hidden', timeout: Math.min(timeout, 1500) }).catch(() => undefined);
  }

  /** What is done to the label of a row; again where a redraw took it away on the way. */
  private async onLabel(
    wanted: Wanted,
    act: (label: Locator, timeout: number) => Promise<void>,
  ): Promise<void> {
    await untilDone(
      async (timeout) => {
        await this.uncover(timeout);
        await act((await this.row(wanted, timeout)).locator('.label-name'), timeout);
        return true;
      },
      { what: `"${wanted}" can be clicked` },
    );
  }

  /**
   * VS Code forgets what its rows stand for while it draws a view anew, and calls the command without one, which then
   * says so. Who is told that chooses again: so does this, while the test already waits for what comes of it.
   */
  private async unlessForgotten(choose: () => Promise<unknown>): Promise<void> {
    const mine = (choices.get(this.page) ?? 0) + 1;
    choices.set(this.page, mine);
    await choose();
    const toast = this.page
      .locator('.notifications-toasts .notification-list-item')
      .filter({ hasText: 'The list was drawn anew' });
    void toast
      .first()
      .waitFor()
      .then(async () => {
        if (choices.get(this.page) !== mine) return;
        await toast.first().hover();
        await toast.first().getByRole('button', { name: 'Clear Notification' }).click();
        await this.unlessForgotten(choose);
      })
      // It was not said, or the window is closed.
      .catch(() => undefined);
  }

  /** Toggles a row and, when it expands, waits for its children: there must be one. */
  private async toggle(wanted: Wanted, expanded: boolean): Promise<void> {
    await untilDone(
      async (timeout) => {
        await this.uncover(timeout);
        const row = await this.row(wanted, timeout);
        if ((await row.getAttribute('aria-expanded', { timeout })) !== String(expanded))
          await row.locator('.monaco-tl-twistie').click({ timeout });
        await poll(() => this.isToggled(row, expanded), { what: 'it is drawn', timeoutMs: timeout });
        return true;
      },
      { what: `"${wanted}" ${expanded ? 'expands and has children' : 'collapses'}` },
    );
  }

  private async isToggled(row: Locator, expanded: boolean): Promise<boolean> {
    const rows = await this.scroll.rendered();
    const parent = Number(await row.getAttribute('data-index', { timeout: 1000 }));
    const [self, next] = [parent, parent + 1].map((index) => rows.find((other) => other.index === index));
    if (!self || self.expanded !== expanded) return false;
    if (expanded && !next && !self.last) await this.scroll.move('down');
    return !expanded || (next !== undefined && next.level > self.level);
  }
}

/** How many rows were chosen in a window. */
const choices = new WeakMap<Page, number>();
