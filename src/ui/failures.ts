import * as vscode from 'vscode';
import { isCancelled, UserError } from '../model/errors';
import type { Log } from '../util/log';

const showLog = 'Show Log';
/** VS Code cuts what is longer than a line off a message without buttons, and with it the next step. */
const oneLine = 60;

/** The one place that tells the user about failures: what happened and what to do, or a short notice with the log. */
export async function reportFailure(error: unknown, log: Log): Promise<void> {
  if (isCancelled(error)) return;
  if (error instanceof UserError) {
    log.warn(error.line);
    const setting = settingIn(error.next);
    const ways = [...(setting ? [openSettings] : []), ...(error.line.length > oneLine ? [showLog] : [])];
    const choice = await vscode.window.showErrorMessage(error.line, ...ways);
    if (choice === openSettings) await showSetting(setting);
    else if (choice) await vscode.commands.executeCommand('taskSessions.showLog');
    return;
  }
  log.error('Something went wrong that should not have.', error);
  const choice = await vscode.window.showErrorMessage(
    'Task Sessions ran into a problem that it did not expect.',
    showLog,
  );
  if (choice) await vscode.commands.executeCommand('taskSessions.showLog');
}

export const openSettings = 'Open Settings';

/** The setting that a next step names: *Open Settings* shows it. */
export const settingIn = (next: string): string | undefined =>
  /\btaskSessions\.\w+(?:\.[a-z]\w*)*/.exec(next)?.[0];

export const showSetting = (setting: string | undefined): Thenable<unknown> =>
  vscode.commands.executeCommand('workbench.action.openSettings', setting);

/** What restricted mode leaves out, and the way to it. */
export const restricted =
  'In Restricted Mode nothing is started: no git, no ssh, no terminals. Trust this folder to go on.';

export async function refuseUntrusted(): Promise<void> {
  const choice = await vscode.window.showWarningMessage(restricted, 'Manage Workspace Trust');
  if (choice) await vscode.commands.executeCommand('workbench.trust.manage');
}

/** Runs `work` under a progress notice with Cancel; the signal ends it. `increment`: so much more of 100 is done. */
export function withProgress<T>(
  title: string,
  work: (signal: AbortSignal, report: (message: string, increment?: number) => void) => Promise<T>,
): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      try {
        return await work(abort.signal, (message, increment) =>
          progress.report({ message, ...(increment !== undefined && { increment }) }),
        );
      } finally {
        listener.dispose();
      }
    },
  );
}

/** So long nothing moves before a notice says that something is going on, in milliseconds. */
const patienceMs = 700;

/** Shows progress, with Cancel, only for what takes its time. */
export async function patiently<T>(
  title: string,
  work: (signal: AbortSignal, report: (message: string) => void) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let say: (message: string) => void = () => undefined;
  const running = work(abort.signal, (message) => say(message));
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), patienceMs)));
  const isSlow = await Promise.race([running.then(() => false), slow]).finally(() => clearTimeout(timer));
  if (!isSlow) return running;
  return withProgress(title, (signal, report) => {
    say = report;
    signal.addEventListener('abort', () => abort.abort());
    return running;
  });
}
