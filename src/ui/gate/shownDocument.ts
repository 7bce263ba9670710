import * as vscode from 'vscode';
import type { Snapshot, Task, TaskDoc } from '../../model/task/task';
import { activeUri, targetOf } from '../commands/target';
import { parseVersionUri } from '../documents/versions';

/** A document in front of the user: a row of the tree, or an editor. */
export interface ShownDocument {
  task: Task;
  /** As the branch has it now. */
  doc: TaskDoc;
  /** The version that is shown, where that can be told without reading. */
  blob?: string;
  /** The editor's, whose text tells the version. */
  uri?: vscode.Uri;
}

/** What a command was called on, if it is a document; without an argument, what the active editor shows. */
export function shownDocument(
  argument: unknown,
  snapshot: Snapshot,
  workingFileTask: (file: string) => Task | undefined,
): ShownDocument | undefined {
  const uri = argument === undefined ? activeUri() : argument instanceof vscode.Uri ? argument : undefined;
  const { task, path } = targetOf(uri ?? argument, snapshot, workingFileTask);
  const doc = task?.docs.find((one) => one.path === path);
  if (!task || !doc) return undefined;
  const blob = uri ? parseVersionUri(uri)?.blob : rowBlob(argument);
  return { task, doc, ...(blob !== undefined && { blob }), ...(uri && { uri }) };
}

/** Arguments may be made up by a link. */
function rowBlob(argument: unknown): string | undefined {
  const { doc } = (argument ?? {}) as { doc?: { blob?: unknown } };
  return typeof doc?.blob === 'string' && /^[0-9a-f]{40,64}$/.test(doc.blob) ? doc.blob : undefined;
}
