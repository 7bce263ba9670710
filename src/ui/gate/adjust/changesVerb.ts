import * as vscode from 'vscode';
import type { ChangesPlan, RequestedChanges } from '../../../actions/gate/requestingChanges';
import type { App } from '../../../app';
import { UserError } from '../../../model/errors';
import type { FieldValues } from '../../../model/gate/approval/requiredField';
import { shortId } from '../../../model/names';
import type { Session } from '../../../model/session/session';
import type { Task } from '../../../model/task/task';
import { openSettings, patiently, settingIn, showSetting, withProgress } from '../../failures';
import { pickSession } from '../../pickers/sessionPicker';
import { askFields } from '../askFields';
import type { Reasons } from './reasons';

export interface ChangesVerbOptions {
  app: Pick<App, 'requestingChanges' | 'store'>;
  reasons: Reasons;
  resume(session: Session, task?: Task): Promise<void>;
  refresh(): Promise<void>;
}

const tellClaude = 'Request and Tell Claude';
const requestOnly = 'Request Only';

/** A no to the documents as they stand, with everything that is asked on the way. */
export class ChangesVerb {
  constructor(private readonly options: ChangesVerbOptions) {}

  async request(task: Task): Promise<void> {
    const { app, reasons } = this.options;
    const plan = await patiently(`Reading ${task.key}`, (signal) => app.requestingChanges.plan(task, signal));
    const text = await reasons.ask(task, plan.untold?.reasons);
    if (text === undefined) return;
    const choice = await vscode.window.showWarningMessage(
      `Request changes to the documents of ${task.key}?`,
      { modal: true, detail: detailOf(plan, text) },
      ...(plan.sessions.length > 0 ? [tellClaude] : []),
      requestOnly,
    );
    if (choice === undefined) return reasons.keep(task, text);
    const session = choice === tellClaude ? await this.session(task, plan) : undefined;
    if (choice === tellClaude && !session) return reasons.keep(task, text);
    const fields =
      plan.move.kind === 'way' ? await askFields(plan.move.fields, `${plan.move.name}: ${task.key}`) : {};
    if (!fields) return reasons.keep(task, text);
    await this.act(task, { text, session, fields });
  }

  private async act(
    task: Task,
    { text, session, fields }: { text: string; session: Session | undefined; fields: FieldValues },
  ): Promise<void> {
    const { app, reasons, refresh } = this.options;
    let done: RequestedChanges;
    try {
      done = await withProgress(`Requesting changes on ${task.key}`, (signal, report) =>
        app.requestingChanges.request(task, { reasons: text, session, fields, signal, onProgress: report }),
      );
    } catch (error) {
      reasons.keep(task, text);
      throw error;
    } finally {
      void refresh();
    }
    await this.tell(task, done, { text, session, fields });
  }

  private async tell(
    task: Task,
    { comment, told, problems }: RequestedChanges,
    request: { text: string; session: Session | undefined; fields: FieldValues },
  ): Promise<void> {
    const { reasons, resume } = this.options;
    const { session } = request;
    const again = 'Try Again';
    const open = 'Open Session';
    if (problems.length > 0) {
      reasons.keep(task, request.text);
      const said = `The reasons are on ${task.key}. ${problems.join(' ')}`;
      const setting = settingIn(said);
      const ways = [again, ...(setting === undefined ? [] : [openSettings]), ...(session ? [open] : [])];
      const choice = await vscode.window.showWarningMessage(said, ...ways);
      if (choice === openSettings) await showSetting(setting);
      else if (choice === again) await this.act(task, request);
      else if (choice === open && session) await resume(session, task);
      return;
    }
    reasons.forget(task);
    const said = `Changes are requested on ${task.key}${told ? `, and session ${shortId(session!.id)} has been told` : ''}.`;
    const choice = await vscode.window.showInformationMessage(
      said,
      ...(session ? [open] : []),
      'Show Comment',
    );
    if (choice === open && session) await resume(session, task);
    else if (choice) await vscode.env.openExternal(vscode.Uri.parse(comment.url, true));
  }

  private async session(task: Task, { sessions, untold }: ChangesPlan): Promise<Session | undefined> {
    const [only, ...others] = sessions;
    if (others.length === 0) return only;
    const earlier = sessions.find(({ id }) => id === untold?.sessionId);
    if (earlier) return earlier;
    const now = this.options.app.store.snapshot.tasks.find(({ key }) => key === task.key);
    if (!now) throw new UserError(`${task.key} is not listed any more.`, 'Refresh, and try again.');
    return pickSession(now, `Request Changes: ${task.key}`, Date.now());
  }
}

function detailOf({ move, obstacle, commit, untold }: ChangesPlan, text: string): string {
  const lines = [
    text.length > 600 ? `${text.slice(0, 600)}…` : text,
    '',
    `The reasons go on the issue${commit === undefined ? '' : ` with commit ${commit.slice(0, 7)}`}.`,
  ];
  if (obstacle) lines.push(`The issue stays where it is: ${obstacle.reason}`);
  else if (move.kind === 'way') lines.push(`The issue goes from ${move.from} to ${move.to}.`);
  if (untold) lines.push('An earlier request has not been told to its session yet.');
  return lines.join('\n');
}
