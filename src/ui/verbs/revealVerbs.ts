import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { UserError } from '../../model/errors';
import { isAbsolutePath, shortId } from '../../model/names';
import { transcriptsOf } from '../../model/session/liveness';
import type { Session } from '../../model/session/session';

/** Shows the file of a session's transcript where this window can; elsewhere it says where it lies. */
export async function revealTranscript(
  session: Session,
  store: Pick<SnapshotStore, 'report' | 'snapshot'>,
  openShell: () => Promise<void>,
): Promise<void> {
  const report = store.report(session.host);
  const [transcript] = report
    ? transcriptsOf(session.id, report).toSorted((a, b) => b.modifiedAt - a.modifiedAt)
    : [];
  const path = report && transcript && `${report.configDir}/projects/${transcript.path.replace(/^\.\//, '')}`;
  if (path === undefined || !isAbsolutePath(path))
    throw new UserError(
      `${session.host || 'No host'} has no transcript of session ${shortId(session.id)}.`,
      session.kept ? 'There is a copy: Put Back Session.' : 'Claude deletes transcripts after some weeks.',
    );
  const here = store.snapshot.hosts.some(({ name, local }) => local && name === session.host);
  const hasFolders = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  if (here && hasFolders) {
    await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(path));
    return;
  }
  const place = here ? path : `${session.host}:${path}`;
  await vscode.env.clipboard.writeText(place);
  const shell = 'Open Shell';
  const choice = await vscode.window.showInformationMessage(`Copied ${place}`, shell);
  if (choice === shell) await openShell();
}
