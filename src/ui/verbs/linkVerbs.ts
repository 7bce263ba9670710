import * as vscode from 'vscode';
import type { Publishing } from '../../actions/issue/publishing';
import type { Decision, Linking } from '../../actions/session/linking';
import { plural } from '../../model/describe';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import { withProgress } from '../failures';

export interface LinkContext {
  linking: Linking;
  publishing: Publishing;
  /** True where a record of ours on the issue names the session. */
  isPublished(session: Session, key: string): Promise<boolean>;
  /** After Jira was written to. */
  refresh(): Promise<unknown>;
}

const publish = 'Publish on the Issue';
const withdraw = 'Withdraw the Record';
const undo = 'Undo';

/** The user's word on which task a session belongs to, and whether others shall know. */
export class LinkVerbs {
  constructor(private readonly context: LinkContext) {}

  async link(sessions: readonly Session[], key: string): Promise<void> {
    const decisions: Decision[] = [];
    for (const session of sessions) decisions.push(await this.context.linking.link(session, key));
    const what = sessions.length === 1 ? 'Linked' : `${plural(sessions.length, 'session')} linked`;
    const already = decisions.every(({ changed }) => !changed) ? ' already' : '';
    const choice = await this.say(`${what} to ${key}${already}.`, decisions, [publish]);
    if (choice === publish) for (const session of sessions) await this.publish(session, key);
  }

  /** Without a key: from its task, or from all that it is a candidate of. */
  async unlink(session: Session, key?: string): Promise<void> {
    const decision = await this.context.linking.unlink(session, key);
    const published = await this.context.isPublished(session, decision.key);
    const said =
      session.evidence === 'candidate'
        ? `${shortId(session.id)} is no candidate of ${decision.key} any more.`
        : `Unlinked from ${decision.key}.`;
    if ((await this.say(said, [decision], published ? [withdraw] : [])) === withdraw)
      await this.withdraw(session, decision.key);
  }

  async publish(session: Session, key: string): Promise<void> {
    const outcome = await withProgress(`Publishing ${shortId(session.id)} on ${key}`, (signal) =>
      this.context.publishing.publish(session, { key }, signal),
    );
    if (outcome.kind === 'owed')
      void vscode.window.showWarningMessage(
        `Not published on ${key} yet: ${outcome.error} It is tried again with the next record.`,
      );
    else {
      vscode.window.setStatusBarMessage(`$(check) Published on ${key}`, 6000);
      // Jira answers: so it may take what it did not take before.
      await this.context.publishing.payOwed();
    }
    await this.context.refresh();
  }

  async withdraw(session: Session, key: string): Promise<void> {
    const { kind, namedBy } = await withProgress(`Withdrawing the record from ${key}`, (signal) =>
      this.context.publishing.withdraw(session, { key }, signal),
    );
    const said = kind === 'withdrawn' ? `Withdrawn from ${key}.` : `No record of yours on ${key} names it.`;
    if (namedBy === undefined) vscode.window.setStatusBarMessage(`$(check) ${said}`, 6000);
    else void vscode.window.showInformationMessage(`${said} A record of ${namedBy} still does.`);
    await this.context.refresh();
  }

  /** What was decided, with the ways on. Undo is done here. */
  private async say(
    text: string,
    decisions: readonly Decision[],
    ways: readonly string[],
  ): Promise<string | undefined> {
    const warnings = [...new Set(decisions.flatMap(({ warning }) => warning ?? []))];
    const show =
      warnings.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    const changed = decisions.filter((decision) => decision.changed);
    const choice = await show([text, ...warnings].join(' '), ...ways, ...(changed.length > 0 ? [undo] : []));
    if (choice !== undo) return choice;
    for (const decision of changed.toReversed())
      if (!(await decision.undo()))
        void vscode.window.showInformationMessage('It was decided anew meanwhile, and stays as it is.');
    return undefined;
  }
}
