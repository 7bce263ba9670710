import * as vscode from 'vscode';
import type { App } from '../../../app';
import type { Session } from '../../../model/session/session';
import type { Task } from '../../../model/task/task';
import type { CommandTable } from '../../commands/commandTable';
import { activeUri, targetOf, workingFileTask } from '../../commands/target';
import { pickTask } from '../../pickers/sessionPicker';
import type { DocumentVerbs } from '../../verbs/documentVerbs';
import { shownDocument } from '../shownDocument';
import { ChangesVerb } from './changesVerb';
import { DocumentComments } from './documentComments';
import { EditVerbs } from './editVerbs';
import { Reasons } from './reasons';
import { trackChanged } from './trackChanged';

export interface AdjustActs {
  own<T extends vscode.Disposable>(item: T): T;
  documents: Pick<DocumentVerbs, 'workingFile'>;
  resume(session: Session, task?: Task): Promise<void>;
  refresh(): Promise<void>;
}

export type AdjustCommands = Pick<
  CommandTable,
  'editDocuments' | 'commitDocuments' | 'requestChanges' | 'askClaude' | 'commentOnIssue' | 'discardComment'
>;

/** What a reader does about documents that are not yet as they should be. */
export function adjustCommands(app: App, { own, documents, resume, refresh }: AdjustActs): AdjustCommands {
  const { store } = app;
  const fileTask = workingFileTask(app);
  const taskOf = async (argument: unknown, title: string): Promise<Task | undefined> =>
    targetOf(argument, store.snapshot, fileTask).task ?? pickTask(store.snapshot.tasks, title, Date.now());
  const shown = (uri: vscode.Uri) => shownDocument(uri, store.snapshot, fileTask);

  const edits = new EditVerbs({ app, documents, refresh });
  const reasons = own(new Reasons());
  const changes = new ChangesVerb({ app, reasons, resume, refresh });
  const comments = own(new DocumentComments({ app, shown, resume, refresh }));
  own(trackChanged(store, shown));

  return {
    editDocuments: async (argument) => {
      const task = await taskOf(argument, 'Edit Documents');
      if (task) await edits.edit(task, targetOf(argument, store.snapshot, fileTask).path);
    },
    commitDocuments: async (argument) => {
      const task = await taskOf(argument, 'Commit and Push Documents');
      if (task) await edits.commit(task);
    },
    requestChanges: async (argument) => {
      const uri = argument === undefined ? activeUri() : argument;
      const written = uri instanceof vscode.Uri ? reasons.taskOf(uri) : undefined;
      const task = await taskOf(written === undefined ? argument : { key: written }, 'Request Changes');
      if (task) await changes.request(task);
    },
    askClaude: (argument) => comments.ask(argument),
    commentOnIssue: (argument) => comments.comment(argument),
    discardComment: (argument) => comments.discard(argument),
  };
}
