import type { Locator } from 'playwright-core';
import { until } from './patience';
import { plain } from './text';

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

/** Reads and moves the rows of a tree view: VS Code draws only those in sight. */
export class TreeScroll {
  constructor(
    private readonly name: string,
    private readonly element: Locator,
    private readonly rows: Locator,
  ) {}

  /** Reads rows from the top, a screenful at a time, to the end or until `enough`. */
  async through(enough: () => Promise<boolean>): Promise<TreeRow[]> {
    const seen = new Map<number, TreeRow>();
    if ((await this.rows.count()) === 0) return [];
    for (let rows = await this.move('up'); ; rows = await this.move('down')) {
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
  async move(direction: 'up' | 'down'): Promise<RenderedRow[]> {
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
      // A redraw may take it back: then whoever looks for a row begins again.
      { what: `the view ${this.name} scrolls`, timeoutMs: 2500, intervalMs: 10 },
    );
  }

  /** Moves a row that is cut off, or covered by the sticky rows on top, to the middle of the view. */
  async reveal(row: Locator): Promise<void> {
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

  async rendered(): Promise<RenderedRow[]> {
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

/** As it is drawn. */
export interface RenderedRow extends TreeRow {
  readonly index: number;
  readonly last: boolean;
}

/** Chromium takes `wheelDeltaY` too, which is what VS Code reads. */
interface WheelWindow {
  readonly WheelEvent: new (type: 'wheel', init: Readonly<Record<string, unknown>>) => object;
}
