import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import type { Settings } from '../../model/settings';
import { plural } from '../../model/describe';
import type { Issue } from '../../model/task/issue';
import type { Snapshot } from '../../model/task/task';
import { projectOf } from '../../model/names';
import { gitVersion } from '../../sources/git/version';
import type { WebhookAddresses } from '../../sources/webhooks/addresses';
import type { Ledger } from '../../state/ledger';
import type { JiraAccount } from '../account';
import type { Repositories } from '../repositories';
import type { SnapshotStore } from '../store';
import type { HostSetUp } from '../setUp/hostSetUp';
import type { TerminalActions } from '../terminals';
import { attempt, type Check } from './check';
import { hostChecks } from './hosts';
import { ledgerChecks } from './ledger';
import { resumeCheck } from './resumes';
import { webhookChecks } from './webhooks';

export interface DoctorOptions {
  settings: Settings;
  account: JiraAccount;
  hosts: readonly Host[];
  repositories: Repositories;
  terminals: TerminalActions;
  store: SnapshotStore;
  ledger: Ledger;
  webhookAddresses: WebhookAddresses;
  hostSetUp: HostSetUp;
}

/** Looks at everything that the main job needs; every source at once. Changes nothing. */
export async function diagnose(options: DoctorOptions, signal?: AbortSignal): Promise<Check[]> {
  const { account, store, hosts, terminals, ledger, settings, webhookAddresses, hostSetUp } = options;
  await account.restore(signal);
  const snapshot = await store.refresh({ full: true, ...(signal && { signal }) });
  const issues = snapshot.tasks.flatMap(({ key }) => store.issue(key) ?? []);
  const lists = await Promise.all([
    jiraChecks(options, snapshot, signal),
    repositoryChecks(options, issues, signal),
    ...hosts.map((host) =>
      hostChecks(
        host,
        snapshot.hosts.find((one) => one.name === host.name),
        store.report(host.name),
        terminals,
        signal,
      ),
    ),
    ...hosts
      // Who does not answer has said so.
      .filter(({ name }) => store.report(name) && isWell(snapshot, name))
      .map(async (host) => [await hostSetUp.skillCheck(host, signal)]),
    ledgerChecks(ledger),
    webhookChecks(settings, webhookAddresses),
  ]);
  const readings = hosts.flatMap(({ name }) => store.report(name)?.runs ?? []);
  return [...lists.flat(), ...resumeCheck(readings), linkCheck(snapshot)];
}

const isWell = ({ hosts }: Snapshot, name: string): boolean =>
  hosts.some((host) => host.name === name && host.error === undefined);

async function jiraChecks(
  { account, settings }: DoctorOptions,
  { jira, tasks }: Snapshot,
  signal?: AbortSignal,
): Promise<Check[]> {
  const { url, signedIn } = account.state;
  const without = (detail: string, fix: string): Check[] => [{ check: 'jira', ok: false, detail, fix }];
  if (!url) return without('no address configured', 'Set jira.url.');
  if (!signedIn) return without(`no token for ${url}`, 'Sign in, or set TASK_SESSIONS_JIRA_TOKEN.');
  const answers = await attempt('jira', async () => {
    const { connection } = await account.jira(signal);
    return `${connection.baseUrl} (${connection.deployment}) as ${connection.user.name}`;
  });
  if (!answers.ok) return [answers];
  const listed = await attempt('tasks', async () => {
    if (jira.error !== undefined) throw new UserError(jira.error, jira.next ?? '');
    if (tasks.length === 0) throw new UserError(`no task matches ${settings.jira.jql}`, 'Change jira.jql.');
    return `${plural(tasks.length, 'task')} by ${settings.jira.jql}`;
  });
  return [answers, listed];
}

function linkCheck({ sessions }: Snapshot): Check {
  const unlinked = sessions.filter(({ key }) => key === undefined).length;
  return {
    check: 'links',
    ok: true,
    detail: `${sessions.length - unlinked} of ${plural(sessions.length, 'session')} linked to a task${
      unlinked > 0 ? '; the others: task-sessions sessions --unlinked' : ''
    }`,
  };
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
