import { plural } from '../../../../model/describe';
import { UserError } from '../../../../model/errors';
import { approvedNames } from '../../../../model/run/documents';
import type { ImplementationOrder } from '../../../../model/run/order';
import { displayText } from '../../../../util/displayText';
import { jiraHost } from '../../../../sources/jira/connection';
import { equip } from '../equipment';
import { checked } from '../lookAround';
import { freeIds, orderOf, type Prepare, type PrepareOptions } from '../order';
import { choosePlace } from '../places';
import { isRunOf } from '../questions';
import { standingApproval } from './approval';
import { approvedSteps, planOf } from './plan';
import { surveyImplementation } from './survey';

/** Sessions to go on in, should the first be lost. */
const spareSessions = 3;

/** Pins what was approved, if its approval counts and nothing has changed since. */
export const prepareImplementation: Prepare = async (task, options, steps) => {
  const { settings, wanted, inTurn, onCheck } = options;
  const { key } = task;
  steps.doing('preflight', `Reading who approved ${key}`);
  const approval = await checked(onCheck, 'approval', () => standingApproval(task, options, steps.signal));
  const { claim } = approval;
  const earlier = await analysisOf(key, options);
  const at = await choosePlace(options, key, wanted, earlier?.host);
  const { host, place } = at;
  steps.doing('preflight', `Asking ${host.name}`);
  const { existing, documents, ...places } = await inTurn(at, () =>
    surveyImplementation(key, at, approval, options, steps),
  );
  const names = approvedNames({ documents });
  if (new Set(names).size < names.length)
    throw new UserError(
      `Two of the approved documents of ${key} have one name.`,
      'Rename one of them, and have them approved again.',
    );
  const { commit } = claim;
  const kit = await equip({ key, ...at, commit, prompts: ['implementation'] }, options, steps);
  const plan = planOf(documents);
  const parsed = await checked(onCheck, 'plan', () =>
    approvedSteps(host, place, { commit, documents }, steps.signal),
  );
  const titles = parsed.map(({ title }) => displayText(title));
  onCheck({
    check: 'plan',
    ok: true,
    detail: `${plural(titles.length, 'step')}: ${titles.join(' · ')}`.slice(0, 500),
  });
  const checks = settings.repositories[place.name]?.checks ?? settings.checks;
  onCheck({
    check: 'checks',
    ok: checks.length > 0,
    detail: checks.length > 0 ? `After each step: ${checks.join(' · ')}` : unchecked,
    ...(checks.length === 0 && { fix: 'Set taskSessions.checks.' }),
  });
  if (checks.length === 0) steps.note(`${unchecked}: taskSessions.checks is empty.`);

  const [sessionId = '', ...spares] = await freeIds(host, kit, 1 + spareSessions, steps.signal);
  const implementation: ImplementationOrder = {
    commit,
    approvedBy: claim.author.name.slice(0, 300),
    approvedAt: claim.created,
    documents,
    ...(plan !== undefined && { plan }),
    steps: titles.map((title) => ({ title })),
    checks,
    spares,
  };
  const continues = earlier?.sessionId ?? approval.analysis;
  const decided = {
    kind: 'implementation',
    sessionId,
    ...(continues !== undefined && { continues }),
    ...places,
    implementation,
  } as const;
  return { run: await orderOf(task, decided, { host, kit }, options, steps.signal), host, kit, existing };
};

const unchecked = 'Nothing checks the steps';

/** Our newest analysis of the task: its worktree is where the documents were written. */
async function analysisOf(
  key: string,
  { ledger, account }: Pick<PrepareOptions, 'ledger' | 'account'>,
): Promise<{ host: string; sessionId: string } | undefined> {
  const { runs } = await ledger.read();
  const jira = jiraHost(account.state.url);
  return runs.findLast((run) => isRunOf(run, { kind: 'analysis', key, jira }))?.order;
}
