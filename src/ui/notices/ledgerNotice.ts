import * as vscode from 'vscode';
import type { App } from '../../app';
import { plural } from '../../model/describe';
import { refuseUntrusted, withProgress } from '../failures';

/** Says once, when a window starts, that the ledger is lost and can be rebuilt, or that it may not be written. */
export async function noticeLedger(app: Pick<App, 'ledger' | 'ledgerRecovery' | 'store'>): Promise<void> {
  const { lost, newer } = await app.ledger.condition();
  if (newer) await sayNewer();
  else if (lost) await offerRebuild(app);
}

async function sayNewer(): Promise<void> {
  const reload = 'Reload Window';
  const choice = await vscode.window.showWarningMessage(
    'A newer Task Sessions has written the ledger. What it says is shown as far as this one can read it, but nothing can be linked, named or started here. Update Task Sessions, then reload.',
    reload,
  );
  if (choice === reload) await vscode.commands.executeCommand('workbench.action.reloadWindow');
}

async function offerRebuild(app: Pick<App, 'ledgerRecovery' | 'store'>): Promise<void> {
  const rebuild = 'Rebuild';
  let text =
    'The ledger is damaged: what you started, linked and named is not known any more. Terminals, worktrees and your records tell a part of it.';
  // Hosts that do not answer have their say another time.
  while ((await vscode.window.showWarningMessage(text, rebuild)) === rebuild) {
    if (!vscode.workspace.isTrusted) return refuseUntrusted();
    const { entries, worktrees, silent } = await withProgress(
      'Rebuilding the ledger',
      async (signal, report) => {
        report('asking the hosts');
        await app.store.refresh({ signal });
        const found = await app.ledgerRecovery.rebuild(signal);
        await app.store.reread();
        return found;
      },
    );
    const done = `The ledger is rebuilt: ${plural(entries.length, 'session')}, ${plural(worktrees.length, 'worktree')}.`;
    if (silent.length === 0) return void vscode.window.showInformationMessage(done);
    text = `${done} Not asked: ${silent.join(', ')}. Rebuild again when they answer.`;
  }
}
