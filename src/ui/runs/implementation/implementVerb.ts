import * as vscode from 'vscode';
import type { PlannedRun, StartQuestion } from '../../../actions/run/progress';
import { factOf } from '../../../actions/run/start/steps';
import type { Starts } from '../../../actions/run/starts';
import { plural } from '../../../model/describe';
import type { Task } from '../../../model/task/task';
import { patiently } from '../../failures';
import { offerSteps } from '../../gate/offerSteps';
import type { StartVerbs } from '../startVerbs';

/** Steps of a plan that the question names. */
const namedSteps = 12;

/** Starts the implementation of a task, once the person has seen what it works by, where, and what checks it. */
export async function startImplementation(
  task: Task,
  implementations: Pick<Starts, 'plan'>,
  starts: Pick<StartVerbs, 'where' | 'implement'>,
): Promise<void> {
  const { key } = task;
  const where = await starts.where([task], 'implementation');
  if (!where) return;
  const plan = await patiently(`Looking where to implement ${key}`, (signal) =>
    implementations.plan(task, { ...where, signal }),
  );
  if (plan.refused) {
    const { reason, next } = plan.refused;
    return offerSteps(key, reason, next);
  }
  const accept = 'Start Implementation';
  const choice = await vscode.window.showInformationMessage(
    `Implement ${key}?`,
    { modal: true, detail: planDetail(task, plan) },
    accept,
  );
  if (choice !== accept) return;
  // Where it was looked at, and nowhere else.
  await starts.implement(task, {
    ...(plan.place ? { host: plan.place.host } : where),
    shown: plan.shown,
    agreed: plan.questions.filter(isShown).map(({ summary }) => summary),
  });
}

/** Its answer is the same as the one to the whole; what leads elsewhere is asked by the start, for itself. */
const isShown = ({ kind }: StartQuestion): boolean => kind === 'branchExists' || kind === 'liveSession';

/** What was approved, the steps, the checks, the place. */
export function planDetail({ approval }: Pick<Task, 'approval'>, plan: PlannedRun): string {
  const { steps = [], place, checks, questions } = plan;
  const told = (name: string): string | undefined => checks.find(({ check }) => check === name)?.detail;
  const approved = told('approval');
  const checking = checks.find(({ check }) => check === 'checks');
  const named = steps.slice(0, namedSteps).map((title, index) => `${index + 1}. ${title}`);
  const asked = new Set(questions.map(({ summary }) => summary));
  const warnings = [
    // The buttons below answer what the summary asks in its last sentence.
    ...questions.filter(isShown).map(({ summary, detail }) => `${factOf(summary)} ${detail}`),
    ...checks.flatMap(({ check, ok, detail, fix }) =>
      ok || check === 'checks' || asked.has(detail) ? [] : [[detail, fix].filter(Boolean).join('. ')],
    ),
  ];
  return [
    (approved && `By the approved documents: ${approved}.`) ??
      (approval && `By the documents as ${approval.by} approved them at ${approval.commit.slice(0, 12)}.`),
    place && `On ${place.host}, branch ${place.branch}, in ${place.directory}.`,
    `${plural(steps.length, 'step')}, each with a commit of its own:`,
    [...named, ...(steps.length > named.length ? [`… and ${steps.length - named.length} more`] : [])].join(
      '\n',
    ),
    checking && (checking.ok ? checking.detail : `${checking.detail}. ${checking.fix ?? ''}`.trim()),
    ...warnings,
  ]
    .filter(Boolean)
    .join('\n\n');
}
