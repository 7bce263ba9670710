import * as vscode from 'vscode';
import { holderText, type Ending } from '../../actions/session/ending';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import { withProgress } from '../failures';

/** Ends what holds a session open, once the person has seen what that is, and `why`. True if it was ended. */
export async function endSession(session: Session, ending: Ending, why?: string): Promise<boolean> {
  const short = shortId(session.id);
  const holder = await withProgress(`Looking who holds session ${short}`, (signal) =>
    ending.find(session, signal),
  );
  const isRun = holder.kind === 'process' && holder.place === 'run';
  const end = isRun ? 'Stop' : 'End Session';
  const looksOn = holder.kind === 'terminal' && holder.attached ? ' Somebody looks at it now.' : '';
  const busy = session.state === 'working' ? ' It is working: what it does now is lost.' : '';
  const choice = await vscode.window.showWarningMessage(
    isRun ? `Stop the run of session ${short}?` : `End session ${short}?`,
    {
      modal: true,
      detail: [
        ...(why === undefined ? [] : [why]),
        `This ends ${holderText(holder)}.${looksOn}${busy} What was said so far stays in its transcript, and can be resumed.`,
      ].join(' '),
    },
    end,
  );
  if (choice !== end) return false;
  const ended = await withProgress(`Ending session ${short}`, (signal) => ending.end(holder, signal));
  vscode.window.setStatusBarMessage(`$(check) ${ended}`, 6000);
  return true;
}
