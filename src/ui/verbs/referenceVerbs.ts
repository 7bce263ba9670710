import * as vscode from 'vscode';
import { resolveReference, type ReferenceContext } from '../../actions/session/references';
import { UserError } from '../../model/errors';
import { shortId } from '../../model/names';
import {
  formatReference,
  isMeantAsReference,
  parseReference,
  type SessionReference,
} from '../../model/session/reference';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';

/** Sessions as one person names them to another. */
export class ReferenceVerbs {
  constructor(private readonly context: () => ReferenceContext) {}

  async copy(session: Session): Promise<void> {
    const text = formatReference(session, session.evidence === 'candidate' ? undefined : session.key);
    if (text === undefined)
      throw new UserError(
        `The host of session ${shortId(session.id)} is not recorded.`,
        'A reference needs the host; copy the session ID instead.',
      );
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(
      `$(check) Reference of ${shortId(session.id)} copied: a colleague resumes it with Resume Session Reference`,
      6000,
    );
  }

  /** Asks for a reference; offers what lies in the clipboard, if that is one. */
  async ask(): Promise<SessionReference | undefined> {
    const pasted = (await vscode.env.clipboard.readText()).trim();
    const text = await vscode.window.showInputBox({
      title: 'Resume Session Reference',
      prompt:
        'What a colleague copied with Copy Session Reference. Its host must be one of yours; what is found there counts.',
      placeHolder: 'task-sessions:HOST/SESSION',
      ...(parseReference(pasted) && { value: pasted }),
      ignoreFocusOut: true,
      validateInput: (value) => (value.trim() === '' || parseReference(value) ? undefined : whyNot(value)),
    });
    return text === undefined ? undefined : parseReference(text);
  }

  /** The session that it names. Where it says something else than what is found, the person decides. */
  async resolve(reference: SessionReference): Promise<{ session: Session; task?: Task } | undefined> {
    const { differences, check, ...found } = resolveReference(reference, this.context());
    if (check.ok) return found;
    const goOn = 'Go On';
    const choice = await vscode.window.showWarningMessage(
      `Session ${shortId(reference.sessionId)} is not quite what the reference says.`,
      { modal: true, detail: [...differences.map(sentence), check.fix].join('\n') },
      goOn,
    );
    return choice === goOn ? found : undefined;
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const whyNot = (text: string): string =>
  isMeantAsReference(text)
    ? 'This reference is not whole: copy it again.'
    : 'Not a session reference: one begins with task-sessions:';
