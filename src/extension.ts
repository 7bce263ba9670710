import * as vscode from 'vscode';
import { outputLog } from './ui/ports/outputLog';
import { startWindow, type TaskWindow } from './ui/window';

/** Wires the window; no I/O happens here. Settings and trust build it anew. */
export function activate(context: vscode.ExtensionContext): void {
  const channel = vscode.window.createOutputChannel('Task Sessions', { log: true });
  const log = outputLog(channel);
  let window: TaskWindow = startWindow(context, channel, log);
  const restart = (): void => {
    window.dispose();
    window = startWindow(context, channel, log);
  };
  context.subscriptions.push(
    channel,
    { dispose: () => window.dispose() },
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('taskSessions')) restart();
    }),
  );
}
