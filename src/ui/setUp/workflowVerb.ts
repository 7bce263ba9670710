import * as vscode from 'vscode';
import type { Workflow, WorkflowPlan } from '../../actions/workflow';
import type { App } from '../../app';
import { projectOf } from '../../model/names';
import { choiceOf, mappingOf, workflowWarnings } from '../../model/phase/workflow/choice';
import { proposalNote } from '../../model/phase/workflow/words';
import type { Person } from '../../model/record/record';
import type { Settings } from '../../model/settings';
import { isMapped, phaseTitle } from '../../model/task/phase';
import { phases, type Phase } from '../../model/task/task';
import { patiently } from '../failures';
import { section } from '../ports/configuration';
import { notSignedIn } from '../../actions/account';

const title = 'Set Up Workflow';

type Choice = Map<Phase, readonly string[]>;

/** A row of the overview; `act` is what choosing it does. */
type Row = vscode.QuickPickItem & { act?: 'take' | 'approvers' | Phase };

/** Shows which statuses of a project could stand for which phases, lets the person change that, and keeps it. */
export async function setUpWorkflow(
  { workflow, settings, store, account }: App,
  key?: string,
): Promise<void> {
  if (!account.state.signedIn) throw notSignedIn();
  const project = await chooseProject(
    key === undefined ? store.snapshot.tasks.map((task) => task.key) : [key],
  );
  if (project === undefined) return;
  const plan = await patiently(`Reading the workflow of ${project}`, (signal) =>
    workflow.plan(project, signal),
  );
  const choice: Choice = new Map(choiceOf(plan.proposal));
  const added: Person[] = [];
  for (;;) {
    const approvers = [...new Set([...settings.approvers, ...added.map(({ id }) => id)])];
    const mapping = mappingOf(choice, plan.statuses, settings.phases);
    const warnings = workflowWarnings(mapping, plan.statuses, approvers);
    const rows: Row[] = [
      {
        label: '$(check) Take This Mapping',
        detail: 'Writes taskSessions.phases to your settings',
        act: 'take',
      },
      ...warnings.map(warningRow),
      ...approverRows(plan, mapping, approvers, added),
      { label: 'Phases', kind: vscode.QuickPickItemKind.Separator },
      ...phases.map((phase) => phaseRow(phase, plan, choice)),
    ];
    const picked = await vscode.window.showQuickPick(rows, {
      title: `${title}: ${project}`,
      placeHolder: 'Choose a phase to change its status, or take the mapping',
      ignoreFocusOut: true,
    });
    if (!picked) return;
    if (picked.act === 'take') return keep(project, mapping, added.length > 0 ? approvers : undefined);
    if (picked.act === 'approvers') await addApprover(workflow, project, added);
    else if (picked.act) await changePhase(picked.act, plan, choice);
  }
}

async function chooseProject(keys: readonly string[]): Promise<string | undefined> {
  const projects = [...new Set(keys.map(projectOf))].toSorted();
  if (projects.length === 1) return projects[0];
  if (projects.length > 1)
    return vscode.window.showQuickPick(projects, { title, placeHolder: 'The workflow of which project?' });
  const text = await vscode.window.showInputBox({
    title,
    prompt: 'Key of the project, such as PAY',
    validateInput: (value) =>
      /^[A-Z][A-Z0-9_]{1,254}$/.test(value.trim()) ? undefined : 'This is no key of a project.',
  });
  return text?.trim();
}

/** Rows are cut at the window's edge, so the second half stands below. */
function warningRow(text: string): Row {
  const [label = text, ...rest] = text.split(': ');
  return { label: `$(warning) ${label}`, detail: rest.join(': ') };
}

function phaseRow(phase: Phase, { proposal }: WorkflowPlan, choice: Choice): Row {
  const names = choice.get(phase) ?? [];
  const proposed = proposal.find((one) => one.phase === phase);
  const isProposed = proposed !== undefined && proposed.status === names[0];
  return {
    label: phaseTitle(phase),
    description: names.join(', ') || 'not mapped',
    detail: isProposed ? proposalNote(proposed) : 'as you chose',
    ...(isProposed && !proposed.sure && { iconPath: new vscode.ThemeIcon('question') }),
    act: phase,
  };
}

/** Where no status of the project says that it is approved, people do. */
function approverRows(
  { statuses }: WorkflowPlan,
  mapping: Settings['phases'],
  approvers: readonly string[],
  added: readonly Person[],
): Row[] {
  if (statuses.some(({ name }) => isMapped(name, 'approved', mapping))) return [];
  const others = approvers.length - added.length;
  const names = [...added.map(({ name }) => name), ...(others > 0 ? [`${others} of before`] : [])];
  return [{ label: '$(person-add) Add an Approver', description: names.join(', '), act: 'approvers' }];
}

async function changePhase(
  phase: Phase,
  { statuses, proposal }: WorkflowPlan,
  choice: Choice,
): Promise<void> {
  const fitting = proposal.find((one) => one.phase === phase);
  const best = [fitting?.status, ...(fitting?.others ?? [])];
  const takenBy = (name: string): Phase | undefined =>
    phases.find((one) => one !== phase && choice.get(one)?.includes(name));
  const rows = statuses
    .toSorted((a, b) => rank(best, a.name) - rank(best, b.name))
    .map(({ name, category }) => {
      const taken = takenBy(name);
      const kind = { new: 'to do', indeterminate: 'in progress', done: 'done' }[category];
      return {
        label: name,
        name,
        description: taken ? `${kind} · now ${phaseTitle(taken)}, which loses it` : kind,
      };
    });
  const picked = await vscode.window.showQuickPick(
    [...rows, { label: '$(circle-slash) Leave Unmapped', name: undefined, description: '' }],
    {
      title: `${title}: ${phaseTitle(phase)}`,
      placeHolder: 'Which status stands for it?',
      ignoreFocusOut: true,
    },
  );
  if (!picked) return;
  const { name } = picked;
  const taken = name === undefined ? undefined : takenBy(name);
  if (taken) choice.set(taken, choice.get(taken)?.filter((one) => one !== name) ?? []);
  choice.set(phase, name === undefined ? [] : [name]);
}

const rank = (best: readonly (string | undefined)[], name: string): number =>
  best.includes(name) ? best.indexOf(name) : best.length;

async function addApprover(workflow: Workflow, project: string, added: Person[]): Promise<void> {
  const words = await vscode.window.showInputBox({
    title: `${title}: Approvers`,
    prompt: `Name of somebody who may approve in ${project}`,
    ignoreFocusOut: true,
  });
  if (words === undefined || words.trim() === '') return;
  const people = await patiently(`Looking for ${words.slice(0, 50)}`, (signal) =>
    workflow.people(project, words, signal),
  );
  const picked = await vscode.window.showQuickPick(
    people.map((person) => ({ label: person.name, description: person.id, person })),
    {
      title: `${title}: Approvers`,
      placeHolder:
        people.length > 0 ? 'Whose approval counts?' : 'Nobody of that name can be assigned its issues',
      ignoreFocusOut: true,
    },
  );
  if (picked && !added.some(({ id }) => id === picked.person.id)) added.push(picked.person);
}

/** They are of the user and the machine: a workspace may not say who approves. */
async function keep(
  project: string,
  mapping: Settings['phases'],
  approvers: readonly string[] | undefined,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const place = vscode.ConfigurationTarget.Global;
  if (approvers) await configuration.update('approvers', approvers, place);
  await configuration.update('phases', mapping, place);
  void vscode.window.showInformationMessage(`The workflow of ${project} is mapped to phases.`);
}
