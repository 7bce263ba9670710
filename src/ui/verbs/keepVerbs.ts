import * as vscode from 'vscode';
import type { KeptCopy, Keeping } from '../../actions/session/keeping';
import { plural } from '../../model/describe';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import { sizeText } from '../../model/size';
import { withProgress } from '../failures';

/** Copies of transcripts that outlive Claude's own clean-up. Each answers whether there is something new to show. */
export class KeepVerbs {
  constructor(private readonly keeping: Keeping) {}

  async keep(sessions: readonly Session[]): Promise<boolean> {
    const copies = await withProgress(
      `Keeping ${plural(sessions.length, 'session')}`,
      async (signal, report) => {
        const made: KeptCopy[] = [];
        for (const session of sessions) {
          report(`${shortId(session.id)} on ${session.host}`);
          made.push(await this.keeping.keep(session, signal));
        }
        return made;
      },
    );
    const [first] = sessions;
    const bytes = copies.reduce((sum, { size }) => sum + size, 0);
    const what = sessions.length === 1 ? `Session ${shortId(first!.id)}` : plural(sessions.length, 'session');
    const already = copies.every(({ how }) => how === 'unchanged') ? ' already' : '';
    const where = [...new Set(sessions.map(({ host }) => host))].join(', ');
    vscode.window.setStatusBarMessage(
      `$(archive) ${what} kept${already} on ${where} (${sizeText(bytes)})`,
      6000,
    );
    return true;
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
