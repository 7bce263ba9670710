import type { ApprovalPlan, GivenApproval, PlannedDocument } from '../../../model/gate/approval/approvalPlan';
import { UserError } from '../../../model/errors';
import { staleText } from '../../../model/gate/approval/approval';
import type { PlannedMove } from '../../../model/gate/approval/plannedMove';
import { confirmed } from '../../confirm';
import { plain, printJson, printLine, say, table } from '../../output';
import { UsageError } from '../../usage';
import type { Verb } from '../../verbs';
import { lookAt } from '../taskVerbs';
import { fieldValues } from './fields';

export const approve: Verb = {
  usage: 'KEY [--commit SHA] [--field NAME=VALUE]... [--yes] [--dry-run]',
  does: 'approve the documents of a task for implementation, as its branch on the remote has them',
  positionals: [1, 1],
  options: {
    commit: { type: 'string' },
    field: { type: 'string', multiple: true },
    yes: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },
  async run({ app, positionals: [key = ''], values, json, signal }) {
    refuseInSession(process.env);
    const isPerson = process.stdin.isTTY;
    const isDry = values['dry-run'] === true;
    const given = typeof values.commit === 'string' ? values.commit : undefined;
    // Else a script would approve whatever is there by then, which nobody has looked at.
    if (given === undefined && !isPerson && !isDry)
      throw new UsageError('Without a terminal, approve needs --commit: the one that was looked at.');
    const task = await lookAt(app, key, signal);
    const plan = await app.gate.plan(task, signal);
    if (isDry) {
      if (json) printJson({ plan });
      else planLines(plan).forEach((line) => printLine(line));
      return plan.refused ? 1 : 0;
    }
    if (!json || isPerson) planLines(plan).forEach(say);
    // Who named a commit is told first whether it is the one.
    if (plan.refused && given === undefined) throw new UserError(plan.refused.reason, plan.refused.next);
    const asks = isPerson && !plan.refused;
    const fields = await fieldValues(values.field, plan.move, { asks, signal });
    const commit = given ?? plan.commit ?? '';
    if (isPerson && values.yes !== true && !plan.refused) {
      const question = `Approve ${plan.documents.length} documents of ${key} at ${commit.slice(0, 12)}?`;
      if (!(await confirmed('', question, signal)))
        throw new UserError('Nothing was approved.', 'Run it again to change your mind.');
    }
    const approved = await app.gate.approve(task, commit, { fields, signal, onProgress: say });
    approved.problems.forEach(say);
    print(key, approved, json);
    return approved.counts ? 0 : 1;
  },
};

/**
 * From inside a session one can request approval, never give it. This is a courtesy, which says so at once: what holds
 * is that no Jira token is in a session's environment or on its host, and that Jira names who made the move.
 */
function refuseInSession(env: NodeJS.ProcessEnv): void {
  if (env.CLAUDECODE || env.CLAUDE_CODE_SESSION_ID)
    throw new UserError(
      'Claude cannot approve its own work.',
      'Ask a person for it: task-sessions request-approval.',
    );
}

/** Commit, documents, what changed, and what Jira would do: as much as is known of it. */
function planLines(plan: ApprovalPlan): string[] {
  const { key, summary, branch, commit, documents, previous, move, warnings, refused } = plan;
  const facts: [string, string | undefined][] = [
    ['Branch', branch],
    ['Commit', commit],
    [
      'Before',
      previous &&
        [`${previous.commit.slice(0, 12)} by ${previous.by}`, ...(previous.stale ? [staleText(previous)] : [])].join(' · '),
    ],
    ['Jira', moveText(move)],
  ]; // prettier-ignore
  const rows = documents.map((doc) => [`    ${doc.name}`, reviewText(doc), approvedText(doc)]);
  return [
    plain(`${key}  ${summary}`),
    ...table(facts.flatMap(([label, value]) => (value ? [[`  ${label}`, value]] : []))),
    ...table(rows),
    ...warnings.map((line) => plain(`  ! ${line}`)),
    ...(refused ? [plain(`  × ${refused.reason} ${refused.next}`)] : []),
  ];
}

const reviewText = ({ review }: PlannedDocument): string =>
  ({ new: 'not reviewed', changed: 'changed since you reviewed it', reviewed: 'reviewed' })[review];

function approvedText({ approved }: PlannedDocument): string {
  switch (approved) {
    case 'same':
      return 'as approved';
    case 'changed':
      return 'changed since it was approved';
    case 'added':
      return 'was not approved yet';
    case undefined:
      return '';
  }
}

function moveText(move: PlannedMove): string {
  switch (move.kind) {
    case 'unmapped':
      return 'no status stands for “approved”: approvers decide';
    case 'there':
      return `is in ${move.status} already`;
    case 'none':
      return `no way from ${move.from} to ${move.wanted.join(' or ')}`;
    case 'way': {
      const asked = move.fields.map(({ name }) => name).join(', ');
      return `${move.from} → ${move.to} (${move.name}${asked ? `, asks for ${asked}` : ''})`;
    }
  }
}

function print(
  key: string,
  { approval, counts, moved, comment, problems }: GivenApproval,
  json: boolean,
): void {
  if (json)
    printJson({
      approval: { ...approval, at: new Date(approval.at).toISOString(), counts, moved, comment: comment.url, ...(problems.length > 0 && { problems }) },
    }); // prettier-ignore
  else
    printLine(
      plain(
        `${key} is ${counts ? '' : 'not '}approved for implementation at ${approval.commit.slice(0, 12)}: ${comment.url}`,
      ),
    );
}
