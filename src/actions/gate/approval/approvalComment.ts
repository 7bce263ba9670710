import { isCancelled, UserError } from '../../../model/errors';
import { judgeApproval, mayApprove, type Judgement } from '../../../model/gate/approval/approval';
import type { RecordClaim, RecordFields } from '../../../model/record/record';
import type { RecordPlace } from '../../../model/record/text';
import type { Settings } from '../../../model/settings';
import type { Issue } from '../../../model/task/issue';
import type { CommentBody } from '../../../sources/jira/dialect/dialect';
import { claimsOf } from '../../../sources/jira/comments';
import { JiraError } from '../../../sources/jira/errors';
import type { Jira } from '../../../sources/jira/jira';
import { recordBody } from '../../../sources/jira/records/body';
import type { Thread } from '../../../sources/jira/records/write';

/** What an approval is judged by, straight from the issue and in full. */
export interface JudgedIssue extends Pick<Issue, 'id' | 'claims' | 'status' | 'transitions' | 'comments'> {
  thread: Thread;
}

/** Reads all comments and the changelog. Throws JiraError. */
export async function readJudged(jira: Jira, key: string, signal?: AbortSignal): Promise<JudgedIssue> {
  const [thread, { id, status }, transitions] = await Promise.all([
    jira.thread(key, signal),
    jira.status(key, signal),
    jira.statusChanges(key, signal),
  ]);
  const { comments, read, total } = thread;
  return {
    id,
    thread,
    status,
    comments: { read, total },
    ...(transitions && { transitions }),
    claims: comments.flatMap((one) => claimsOf(one, key)),
  };
}

export type ApprovalFields = RecordFields & Required<Pick<RecordFields, 'commit' | 'documents'>>;

/** The text of an approval. Throws UserError where it would not read back as what it says. */
export function approvalBody(jira: Jira, fields: ApprovalFields, place: RecordPlace): CommentBody {
  const body = recordBody(jira.format, fields, place);
  const nobody = { id: '', name: '' };
  const comment = { id: '0', author: nobody, updateAuthor: nobody, created: 0, updated: 0, body };
  const [claim, ...more] = claimsOf(comment, place.issueKey);
  if (claim && more.length === 0 && isSame(claim, fields)) return body;
  const lost = fields.documents.find(
    ({ path, blob }) => !claim?.documents?.some((one) => one.path === path && one.blob === blob),
  );
  throw new UserError(
    `An approval cannot name ${lost ? `the document ${JSON.stringify(lost.path)}` : 'these documents'}.`,
    'Rename it on the branch: letters, digits, dots and dashes.',
  );
}

export interface WrittenApproval {
  /** As Jira holds it now. */
  claim: RecordClaim;
  judged: Judgement;
  /** This call wrote it. */
  isNew: boolean;
  issue: JudgedIssue;
}

/**
 * Brings the issue to hold our comment that approves this, and judges it as Jira holds it. May be repeated, and done by
 * two clients at once: one that stands there and counts is found, and of two that came at once the earlier stays. It is
 * never edited: an edited approval counts for nothing. Throws UserError where it would not count, and JiraError.
 */
export async function writeApproval(
  jira: Jira,
  key: string,
  {
    fields,
    body,
    settings,
    beforeWriting,
  }: { fields: ApprovalFields; body: CommentBody; settings: Settings; beforeWriting?(): Promise<void> },
  signal?: AbortSignal,
): Promise<WrittenApproval> {
  const me = jira.connection.user.id;
  let added: string | undefined;
  for (;;) {
    const issue = await readJudged(jira, key, signal);
    const own = issue.claims.filter((claim) => claim.author.id === me && isSame(claim, fields));
    const [first] = own.filter((claim) => judgeApproval(claim, issue, settings).counts);
    const claim = first ?? own.find(({ commentId }) => commentId === added);
    if (claim && (first || added !== undefined)) {
      if (added !== undefined && added !== claim.commentId) await removeDouble(jira, key, added, signal);
      const judged = judgeApproval(claim, issue, settings);
      return { claim, judged, isNew: claim.commentId === added, issue };
    }
    // Never a second time, even where Jira does not show the first.
    if (added !== undefined)
      throw new UserError(
        `Jira took the approval of ${key}, and does not show it.`,
        'Look at the issue in Jira; approve again if it is not there.',
      );
    if (!mayApprove(me, issue, settings)) throw notOurs(key, issue);
    await beforeWriting?.();
    added = (await jira.addComment(key, body, signal))?.id ?? '';
  }
}

/** Somebody else was quicker between the plan and our move, or moved the issue away again. */
function notOurs(key: string, { status, transitions = [] }: JudgedIssue): UserError {
  const by = transitions.at(-1)?.author.name ?? 'somebody else';
  return new UserError(
    `${by} has moved ${key} to ${status} meanwhile, so that an approval of yours would not count.`,
    'Look at the issue, then approve again.',
  );
}

/** Where comments cannot be deleted, two of them say the same. */
async function removeDouble(jira: Jira, key: string, id: string, signal?: AbortSignal): Promise<void> {
  try {
    await jira.deleteComment(key, id, signal);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof JiraError)) throw error;
  }
}

/** The same approval: commit, branch, and each document. */
function isSame(claim: RecordClaim, { commit, branch, documents, title }: ApprovalFields): boolean {
  const lines = (list: RecordFields['documents'] = []): string =>
    list
      .map(({ path, blob }) => `${path} ${blob}`)
      .toSorted()
      .join('\n');
  return (
    claim.title === title &&
    claim.commit === commit &&
    claim.branch === branch &&
    lines(claim.documents) === lines(documents)
  );
}
