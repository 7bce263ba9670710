import type * as vscode from 'vscode';

/** How one row of the tree of tasks looks. */
export interface Look {
  label: string;
  description?: string;
  icon?: vscode.ThemeIcon;
  tooltip?: string | vscode.MarkdownString;
  state?: vscode.TreeItemCollapsibleState;
  context?: string;
  command?: vscode.Command;
  /** What a screen reader says, where label and description do not say it all. */
  spoken?: string;
}

/** What Enter and a click on a row do. */
export const rowCommand = (name: string, title: string, ...args: unknown[]): vscode.Command => ({
  command: `taskSessions.${name}`,
  title,
  arguments: args,
});
