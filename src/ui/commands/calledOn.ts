/** A row that VS Code no longer knows: it stands for nothing, least of all for what the active editor shows. */
export const forgottenRow = Object.freeze({});

export const forgottenText = 'The list was drawn anew while you chose. Choose the row again.';

/**
 * What VS Code called a command on, and the selection. While a tree is drawn anew VS Code forgets what its rows stand
 * for: a click on a row's button then comes with undefined, where the palette and keys come with nothing at all.
 */
export const calledOn = (given: readonly unknown[]): [argument: unknown, selection: unknown] =>
  given.length > 0 && given[0] === undefined ? [forgottenRow, undefined] : [given[0], given[1]];
