import * as vscode from 'vscode';
import type { KeptCopy, Keeping } from '../../actions/session/keeping';
import { plural } from '../../model/describe';
import { isCancelled } from '../../model/errors';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import { sizeText } from '../../model/size';
import { withProgress } from '../failures';

/** Copies of transcripts that outlive Claude's own clean-up. */
export class KeepVerbs {
  constructor(private readonly keeping: Keeping) {}

  /** All that can be kept are, also where one of them fails: then that is thrown at the end. */
  async keep(sessions: readonly Session[]): Promise<void> {
    const copies: KeptCopy[] = [];
    let failure: unknown;
    await withProgress(`Keeping ${plural(sessions.length, 'session')}`, async (signal, report) => {
      for (const session of sessions) {
        report(`${shortId(session.id)} on ${session.host}`);
        try {
          copies.push(await this.keeping.keep(session, signal));
        } catch (error) {
          if (isCancelled(error)) throw error;
          failure ??= error;
        }
      }
    });
    if (copies.length > 0) {
      const bytes = sizeText(copies.reduce((sum, { size }) => sum + size, 0));
      const already = copies.every(({ how }) => how === 'unchanged') ? ' already' : '';
      vscode.window.setStatusBarMessage(
        `$(archive) Copy of ${plural(copies.length, 'session')} kept${already} (${bytes})`,
        6000,
      );
    }
    if (failure !== undefined) throw failure;
  }

  async putBack(session: Session): Promise<boolean> {
    const { path } = await withProgress(`Putting session ${shortId(session.id)} back`, (signal) =>
      this.keeping.putBack(session, signal),
    );
    vscode.window.setStatusBarMessage(`$(check) ${session.host} has it again: ${path}`, 6000);
    return true;
  }

  async drop(session: Session): Promise<boolean> {
    const { id, host, kept, state } = session;
    const remove = 'Remove Copy';
    const size = kept ? ` (${sizeText(kept.size)})` : '';
    const choice = await vscode.window.showWarningMessage(
      `Remove the copy of session ${shortId(id)}?`,
      {
        modal: true,
        detail:
          state === 'missing'
            ? `Claude has deleted its own: the copy on ${host}${size} is all that is left of this conversation.`
            : `The copy on ${host}${size} goes; Claude's own transcript stays until Claude deletes it.`,
      },
      remove,
    );
    if (choice !== remove) return false;
    return withProgress(`Removing the copy of ${shortId(id)}`, (signal) =>
      this.keeping.drop(session, signal),
    );
  }
}
