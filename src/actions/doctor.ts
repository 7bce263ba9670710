import type { Host } from '../hosts/host';
import { errorLine, isCancelled, UserError } from '../model/errors';
import type { Settings } from '../model/settings';
import { findClaude } from '../sources/claude/findClaude';
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
    jira(options, signal),
    ...options.hosts.map((host) => hostChecks(host, options, signal)),
  ]);
  return lists.flat();
}

async function jira(
  { account, settings, repositories }: DoctorOptions,
  signal?: AbortSignal,
): Promise<Check[]> {
  await account.restore(signal);
  const { url, signedIn } = account.state;
  if (!url) return [{ check: 'jira', ok: false, detail: 'no address configured', fix: 'Set jira.url.' }];
  if (!signedIn)
    return [
      {
        check: 'jira',
        ok: false,
        detail: `no token for ${url}`,
        fix: 'Sign in, or set TASK_SESSIONS_JIRA_TOKEN.',
      },
    ];
  const checks: Check[] = [];
  checks.push(
    await attempt('jira', async () => {
      const { connection } = await account.jira(signal);
      return `${connection.baseUrl} (${connection.deployment}) as ${connection.user.name}`;
    }),
  );
  if (!checks[0]!.ok) return checks;
  let keys: string[] = [];
  checks.push(
    await attempt('tasks', async () => {
      const { issues } = await account.refresh({ full: true, ...(signal && { signal }) });
      keys = issues.map((issue) => issue.key);
      if (issues.length === 0)
        throw new UserError(`no task matches ${settings.jira.jql}`, 'Change jira.jql.');
      return `${issues.length} tasks by ${settings.jira.jql}`;
    }),
  );
  const projects = new Map(keys.map((key) => [key.slice(0, key.lastIndexOf('-')), key]));
  for (const [project, key] of projects)
    checks.push(
      await attempt(`repository of ${project}`, async () => {
        const answer = await repositories.repository(key);
        if (answer.kind === 'none') throw new UserError(answer.reason, answer.next);
        if (answer.kind === 'ambiguous')
          throw new UserError(
            `one of ${answer.choices.map((one) => one.name).join(', ')}`,
            `Name ${project} in repositories.`,
          );
        return answer.places.map((place) => `${place.directory} on ${place.host}`).join(', ');
      }),
    );
  return checks;
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
      `${transcripts.length} sessions in ${report.configDir}, ${live.length} of them alive`,
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
    if (error instanceof UserError) return { check, ok: false, detail: error.message, fix: error.next };
    return { check, ok: false, detail: errorLine(error), fix: 'Run with --verbose, and report this.' };
  }
}
