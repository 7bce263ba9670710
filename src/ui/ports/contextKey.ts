import * as vscode from 'vscode';

/** Sets `taskSessions.<key>`, which `when` clauses of package.json ask for. */
export const setContext = (key: string, value: unknown): Thenable<unknown> =>
  vscode.commands.executeCommand('setContext', `taskSessions.${key}`, value);
