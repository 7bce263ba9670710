import { plural } from '../../../../model/describe';
import { errorLine, isCancelled } from '../../../../model/errors';
import type { Inquiry } from '../inquiry';
import { Refusal } from '../refusal';

/** Reads every comment anew: a record that went away must not open a conversation. */
export async function checkComments({
  session,
  task,
  account,
  onCheck,
  signal,
  snapshot,
}: Inquiry): Promise<void> {
  if (!task || !snapshot.jira.signedIn || session.evidence === 'candidate') return;
  try {
    const claims = await (await account.jira(signal)).claims(task.key, signal);
    const named = claims.some((claim) => claim.sessionId === session.id);
    if (session.evidence === 'record' && !named) {
      onCheck({
        check: 'comments',
        ok: false,
        detail: `No comment on ${task.key} names this session any more`,
        fix: 'Refresh.',
      });
      throw new Refusal(
        `The record that bound this session to ${task.key} is gone.`,
        'Refresh, and look at the comments of the issue.',
        ['retry'],
      );
    }
    onCheck({
      check: 'comments',
      ok: true,
      detail: named ? `a record on ${task.key} names it` : `read in full (${claims.length} records)`,
    });
  } catch (error) {
    if (error instanceof Refusal || isCancelled(error)) throw error;
    onCheck({ check: 'comments', ok: false, detail: errorLine(error), fix: 'The last good answer is used.' });
  }
}

export function checkDocs({ task, onCheck }: Inquiry): void {
  if (!task) return;
  const missing = task.docsExpected - task.docs.length;
  onCheck({
    check: 'docs',
    ok: task.branchError === undefined,
    detail:
      task.branchError ??
      `${plural(task.docs.length, 'document')} on the branch${missing > 0 ? `, ${missing} missing` : ''}`,
  });
}
