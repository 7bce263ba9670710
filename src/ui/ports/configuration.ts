import * as vscode from 'vscode';
import { readSettings, type ReadSettings } from '../../model/settings';

export const section = 'taskSessions';

/** Reads `taskSessions.*` through the one schema that the command line uses too. */
export function readConfiguration(): ReadSettings {
  // `get` of a section returns its settings nested at the dots, with defaults and scopes applied by VS Code.
  const configuration = vscode.workspace.getConfiguration().get<Record<string, unknown>>(section, {});
  // VS Code hands out proxies, which cannot be cloned but written as JSON.
  return readSettings(JSON.parse(JSON.stringify(configuration)));
}
