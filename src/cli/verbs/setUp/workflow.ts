import type { WorkflowPlan } from '../../../actions/workflow';
import type { App } from '../../../app';
import { UserError } from '../../../model/errors';
import { isIssueKey, projectOf } from '../../../model/names';
import {
  choiceOf,
  mappingOf,
  workflowWarnings,
  type WorkflowChoice,
} from '../../../model/phase/workflow/choice';
import { proposalNote } from '../../../model/phase/workflow/words';
import type { Person } from '../../../model/record/record';
import { phaseTitle } from '../../../model/task/phase';
import { phases, type Phase } from '../../../model/task/task';
import { mergeConfiguration } from '../../../state/configuration';
import { configFile } from '../../../state/directories';
import { paint, plain, printJson, printLine, say, table } from '../../output';
import { UsageError } from '../../usage';
import type { Verb } from '../../verbs';
import { look } from '../taskVerbs';

export const workflow: Verb = {
  usage: '[PROJECT|KEY] [--set PHASE=STATUS] [--approver NAME] [--write]',
  does: 'propose which status stands for each phase; --write keeps it in the configuration file',
  positionals: [0, 1],
  options: {
    set: { type: 'string', multiple: true },
    approver: { type: 'string', multiple: true },
    write: { type: 'boolean' },
  },
  async run({ app, positionals, values, json, signal }) {
    const snapshot = await look(app, signal);
    const project = projectFor(
      positionals[0],
      snapshot.tasks.map(({ key }) => key),
    );
    const plan = await app.workflow.plan(project, signal);
    const choice = chosen(plan, textsOf(values.set));
    const mapping = mappingOf(choice, plan.statuses, app.settings.phases);
    const people = await peopleOf(app, project, textsOf(values.approver), signal);
    const approvers = [...new Set([...app.settings.approvers, ...people.map(({ id }) => id)])];
    const warnings = workflowWarnings(mapping, plan.statuses, approvers);
    const settings = { phases: mapping, ...(people.length > 0 && { approvers }) };
    const file = typeof values.config === 'string' ? values.config : configFile(process.env);
    if (values.write) await mergeConfiguration(file, settings);
    if (json)
      printJson({
        project,
        statuses: plan.statuses,
        proposal: plan.proposal,
        ...settings,
        warnings,
        ...(values.write === true && { written: file }),
      });
    else print(plan, choice, { settings, people, file, isWritten: values.write === true });
    for (const warning of warnings) say(warning);
  },
};

/** The named one, or that of all tasks. */
function projectFor(named: string | undefined, keys: readonly string[]): string {
  if (named !== undefined) {
    const project = isIssueKey(named) ? projectOf(named) : named;
    if (!isIssueKey(`${project}-1`))
      throw new UsageError(`"${plain(named)}" is no key of a project or an issue.`);
    return project;
  }
  const projects = [...new Set(keys.map(projectOf))];
  if (projects.length === 1) return projects[0]!;
  throw new UsageError(
    projects.length === 0
      ? 'No task is listed: name the project.'
      : `Name one of the projects: ${projects.join(', ')}.`,
  );
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** The proposal with what was said otherwise: `approved=Ready for Dev`, or `approved=` for none. */
function chosen({ proposal, statuses, project }: WorkflowPlan, said: readonly string[]): WorkflowChoice {
  const choice = new Map(choiceOf(proposal));
  for (const text of said) {
    const [name = '', ...rest] = text.split('=');
    const phase = phases.find((one) => one.toLowerCase() === name.trim().toLowerCase());
    const wanted = rest.join('=').trim();
    if (phase === undefined || rest.length === 0)
      throw new UsageError(`--set takes PHASE=STATUS; phases are ${phases.join(', ')}.`);
    const status = statuses.find((one) => one.name.toLowerCase() === wanted.toLowerCase());
    if (wanted !== '' && !status)
      throw new UserError(
        `${project} has no status “${wanted}”.`,
        `It has: ${statuses.map((one) => one.name).join(', ')}.`,
      );
    // Whoever says what a status stands for takes it from the phase for which it was proposed.
    for (const [other, names] of choice)
      if (status && other !== phase)
        choice.set(
          other,
          names.filter((one) => one !== status.name),
        );
    choice.set(phase, status ? [status.name] : []);
  }
  return choice;
}

/** Exactly one person for each name. */
async function peopleOf(
  app: App,
  project: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Person[]> {
  return Promise.all(
    names.map(async (name) => {
      const found = await app.workflow.people(project, name, signal);
      const [only, ...others] = found;
      if (only && others.length === 0) return only;
      throw new UserError(
        only
          ? `${found.length} people fit “${name}”: ${found
              .slice(0, 5)
              .map((one) => one.name)
              .join(', ')}.`
          : `Nobody who can be assigned issues of ${project} fits “${name}”.`,
        only ? 'Say more of the name.' : 'Check the name, or ask an administrator.',
      );
    }),
  );
}

function print(
  { project, proposal }: WorkflowPlan,
  choice: WorkflowChoice,
  {
    settings,
    people,
    file,
    isWritten,
  }: { settings: Record<string, unknown>; people: readonly Person[]; file: string; isWritten: boolean },
): void {
  printLine(paint('bold', plain(`${project}: statuses that stand for phases`)));
  const row = (phase: Phase): string[] => {
    const names = choice.get(phase) ?? [];
    const proposed = proposal.find((one) => one.phase === phase);
    const isProposed = names[0] === proposed?.status;
    const note = proposed && isProposed ? proposalNote(proposed) : 'as you say';
    return [`  ${phaseTitle(phase)}`, names.join(', ') || '–', note];
  };
  for (const line of table(phases.map(row))) printLine(line);
  for (const { name, id } of people) printLine(plain(`  Approver: ${name} (${id})`));
  if (isWritten) return say(`Written to ${file}.`);
  printLine(`For ${plain(file)} (--write puts it there; --set PHASE=STATUS changes it):`);
  for (const line of JSON.stringify(settings, undefined, 2).split('\n')) printLine(plain(line));
}
