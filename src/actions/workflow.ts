import { UserError } from '../model/errors';
import { proposeWorkflow, type ProjectStatus, type ProposedPhase } from '../model/phase/workflow/propose';
import type { Person } from '../model/record/record';
import type { Settings } from '../model/settings';
import { JiraError } from '../sources/jira/errors';
import type { JiraAccount } from './account';

/** What a project's workflow could stand for. */
export interface WorkflowPlan {
  project: string;
  statuses: ProjectStatus[];
  proposal: ProposedPhase[];
}

export interface WorkflowOptions {
  settings: Pick<Settings, 'phases'>;
  account: Pick<JiraAccount, 'jira'>;
}

/** Which statuses of a project stand for which phases. Reads and proposes; whoever asks writes the settings. */
export class Workflow {
  constructor(private readonly options: WorkflowOptions) {}

  async plan(project: string, signal?: AbortSignal): Promise<WorkflowPlan> {
    const { settings, account } = this.options;
    const jira = await account.jira(signal);
    const statuses = await jira.projects.statuses(project, signal).catch((error: unknown) => {
      throw error instanceof JiraError && error.kind === 'notFound'
        ? new UserError(`Jira shows you no project ${project}.`, 'Check its key, or ask for access.')
        : error;
    });
    if (statuses.length === 0)
      throw new UserError(`Jira names no statuses of ${project}.`, 'Ask for access, or set phases by hand.');
    return { project, statuses, proposal: proposeWorkflow(statuses, settings.phases) };
  }

  /** People to choose approvers from: who can be assigned the project's issues. */
  async people(project: string, words: string, signal?: AbortSignal): Promise<Person[]> {
    if (words.trim() === '') return [];
    const jira = await this.options.account.jira(signal);
    return jira.projects.assignable(project, words.trim(), signal);
  }
}
