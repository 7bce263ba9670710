import type { Host } from '../hosts/host';
import { errorLine, isCancelled, UserError } from '../model/errors';
import type { Settings } from '../model/settings';
import { plural } from '../model/describe';
import type { Issue } from '../model/task/issue';
import { projectOf } from '../model/names';
import { findClaude } from '../sources/claude/launch/findClaude';
import { gitVersion } from '../sources/git/version';
import type { JiraAccount } from './account';
import type { Repositories } from './repositories';
import type { ReportSource } from './store';
import type { TerminalActions } from './terminals';

export interface Check {
  check: string;
  ok: boolean;
  detail: string;
  fix?: string;
}

export interface DoctorOptions {
  settings: Settings;
  account: JiraAccount;
  hosts: readonly Host[];
  reports: readonly ReportSource[];
  repositories: Repositories;
  terminals: TerminalActions;
}

/** Looks at everything that the main job needs; every host at once. Changes nothing. */
export async function diagnose(options: DoctorOptions, signal?: AbortSignal): Promise<Check[]> {
  const lists = await Promise.all([
    jiraAndRepositories(options, signal),
    ...options.hosts.map((host) => hostChecks(host, options, signal)),
  ]);
  return lists.flat();
}

async function jiraAndRepositories(options: DoctorOptions, signal?: AbortSignal): Promise<Check[]> {
  const { checks, issues } = await jira(options, signal);
  return [...checks, ...(await repositoryChecks(options, issues, signal))];
}

async function jira(
  { account, settings }: DoctorOptions,
  signal?: AbortSignal,
): Promise<{ checks: Check[]; issues: readonly Issue[] }> {
  await account.restore(signal);
  const { url, signedIn } = account.state;
  const without = (detail: string, fix: string) => ({
    checks: [{ check: 'jira', ok: false, detail, fix }],
    issues: [],
  });
  if (!url) return without('no address configured', 'Set jira.url.');
  if (!signedIn) return without(`no token for ${url}`, 'Sign in, or set TASK_SESSIONS_JIRA_TOKEN.');
  const answers = await attempt('jira', async () => {
    const { connection } = await account.jira(signal);
    return `${connection.baseUrl} (${connection.deployment}) as ${connection.user.name}`;
  });
  if (!answers.ok) return { checks: [answers], issues: [] };
  let issues: readonly Issue[] = [];
  const tasks = await attempt('tasks', async () => {
    ({ issues } = await account.refresh({ full: true, ...(signal && { signal }) }));
    if (issues.length === 0) throw new UserError(`no task matches ${settings.jira.jql}`, 'Change jira.jql.');
    return `${plural(issues.length, 'task')} by ${settings.jira.jql}`;
  });
  return { checks: [answers, tasks], issues };
}

/** The repository of each project, and git on each host that holds one. */
async function repositoryChecks(
  { repositories, settings }: DoctorOptions,
  issues: readonly Issue[],
  signal?: AbortSignal,
): Promise<Check[]> {
  const examples = exampleTasks(issues, settings);
  const readings = await repositories.read([...examples.values()], signal);
  const hosts = new Set<Host>();
  const checks: Check[] = [];
  for (const [project, { key }] of examples)
    checks.push(
      await attempt(project ? `repository of ${project}` : 'repository', async () => {
        const answer = await repositories.repository(key);
        if (answer.kind === 'none')
          throw new UserError(project ? answer.reason : 'none is known', answer.next);
        if (answer.kind === 'ambiguous')
          throw new UserError(
            `one of ${answer.choices.map((one) => one.name).join(', ')}`,
            project ? `Name ${project} in repositories.` : 'Name its projects in repositories.',
          );
        for (const place of answer.places) {
          const host = repositories.host(place.host);
          if (host) hosts.add(host);
        }
        const error = readings.get(key)?.error;
        if (error !== undefined) throw new UserError(error, '');
        return answer.places.map((place) => `${place.directory} on ${place.host}`).join(', ');
      }),
    );
  const versions = [...hosts].map((host) => attempt(`git on ${host.name}`, () => gitVersion(host, signal)));
  return [...checks, ...(await Promise.all(versions))];
}

/**
 * One task stands for its project: they share a repository. Without any from Jira it is one that need not exist: of each
 * project that the settings name, else of '', any project.
 */
function exampleTasks(
  issues: readonly Issue[],
  settings: Settings,
): Map<string, Pick<Issue, 'key' | 'claims'>> {
  if (issues.length > 0) return new Map(issues.map((issue) => [projectOf(issue.key), issue]));
  const named = Object.values(settings.repositories).flatMap(({ projects }) => projects);
  return new Map(
    (named.length > 0 ? named : ['']).map((project) => [
      project,
      { key: `${project || 'ANY'}-1`, claims: [] },
    ]),
  );
}

async function hostChecks(
  host: Host,
  { reports, terminals }: DoctorOptions,
  signal?: AbortSignal,
): Promise<Check[]> {
  const source = reports.find((one) => one.name === host.name);
  const answers = await attempt(host.name, async () => {
    const report = await source?.report(signal);
    if (!report) throw new UserError('not asked in Restricted Mode', 'Trust the workspace.');
    const { transcripts, live, problems } = report;
    return [
      `${plural(transcripts.length, 'session')} in ${report.configDir}, ${live.length} alive`,
      `kept for ${report.cleanupPeriodDays} days`,
      ...problems,
    ].join('; ');
  });
  if (!answers.ok) return [answers];
  const [claude, keeper] = await Promise.all([
    attempt(`claude on ${host.name}`, async () => {
      const { claudePath } = host.settings;
      const found = await findClaude(host, {
        ...(claudePath !== undefined && { claudePath }),
        ...(signal && { signal }),
      });
      if (found.kind === 'found')
        return [`${found.path} ${found.version}`, ...(found.warning ? [found.warning] : [])].join('; ');
      throw new UserError(
        found.kind === 'missing' ? 'not found' : `${found.path}: ${found.kind}`,
        found.next,
      );
    }),
    attempt(`terminals on ${host.name}`, async () => {
      const kept = await terminals.on(host);
      return `${kept.kind}, ${(await kept.list(signal)).length} open`;
    }),
  ]);
  return [answers, claude, keeper];
}

async function attempt(check: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { check, ok: true, detail: await look() };
  } catch (error) {
    if (isCancelled(error)) throw error;
    if (error instanceof UserError)
      return { check, ok: false, detail: error.message, ...(error.next && { fix: error.next }) };
    return { check, ok: false, detail: errorLine(error), fix: 'Run with --verbose, and report this.' };
  }
}
