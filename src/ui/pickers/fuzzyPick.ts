import * as vscode from 'vscode';
import { fuzzyScore } from './fuzzy';

/** Rows that are sent to the window at once: more are found by typing. */
const longest = 1000;

export interface FuzzyPick<Item extends vscode.QuickPickItem> {
  items: readonly Item[];
  title: string;
  placeholder: string;
  /** What a text stands for by itself, such as a reference that was pasted: then it is the only item. */
  pasted?(value: string): Item | undefined;
}

/** A list that is filtered by `fuzzyScore`: VS Code's own filter finds no words that stand apart. */
export function pickFuzzy<Item extends vscode.QuickPickItem>({
  items,
  title,
  placeholder,
  pasted,
}: FuzzyPick<Item>): Promise<Item | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  const texts = items.map(({ label, description = '', detail = '' }) => `${label} ${description} ${detail}`);
  pick.title = title;
  pick.placeholder = placeholder;
  pick.items = items.slice(0, longest);
  pick.onDidChangeValue((value) => {
    const only = pasted?.(value);
    pick.items = only ? [{ ...only, alwaysShow: true }] : found(value);
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      // A click on a row that was just replaced selects nothing: then the list stays for another one.
      if (!item) return;
      resolve(item);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });

  function found(value: string): Item[] {
    if (!value.trim()) return items.slice(0, longest);
    const fitting = items.flatMap((item, index) => {
      const isItem = item.kind !== vscode.QuickPickItemKind.Separator;
      const score = isItem ? fuzzyScore(value, texts[index]!) : undefined;
      return score === undefined ? [] : [{ item: { ...item, alwaysShow: true }, score }];
    });
    // The sort is stable: what fits equally well stays by recency.
    return fitting
      .sort((a, b) => b.score - a.score)
      .slice(0, longest)
      .map(({ item }) => item);
  }
}
