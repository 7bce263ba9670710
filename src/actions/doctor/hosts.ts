import type { Host } from '../../hosts/host';
import { plural } from '../../model/describe';
import { UserError } from '../../model/errors';
import { shortId } from '../../model/names';
import type { HostReport } from '../../model/session/transcript';
import type { HostState } from '../../model/task/task';
import { agentsOf } from '../../sources/claude/launch/agents';
import { findClaude } from '../../sources/claude/launch/findClaude';
import { groupBy } from '../../util/groupBy';
import type { TerminalActions } from '../terminals';
import { attempt, type Check } from './check';

/** What one host said, or why it did not, and whether sessions can be started there. */
export async function hostChecks(
  host: Host,
  state: HostState | undefined,
  report: HostReport | undefined,
  terminals: TerminalActions,
  signal?: AbortSignal,
): Promise<Check[]> {
  if (state?.error !== undefined)
    return [
      {
        check: host.name,
        ok: false,
        detail: state.error,
        ...(state.next !== undefined && { fix: state.next }),
      },
    ];
  if (!report)
    return [
      { check: host.name, ok: false, detail: 'not asked in Restricted Mode', fix: 'Trust the workspace.' },
    ];
  return [
    transcriptCheck(report),
    liveCheck(report),
    ...traceCheck(report),
    ...(await Promise.all([
      attempt(`claude on ${host.name}`, () => claudeOn(host, report, signal)),
      attempt(`terminals on ${host.name}`, async () => {
        const kept = await terminals.on(host);
        return `${kept.kind}, ${(await kept.list(signal)).length} open`;
      }),
    ])),
  ];
}

function transcriptCheck({ host, transcripts, configDir, cleanupPeriodDays, problems }: HostReport): Check {
  const empty = transcripts.filter(({ hasConversation }) => !hasConversation).length;
  return {
    check: host,
    ok: true,
    detail: [
      `${plural(transcripts.length, 'transcript')} in ${configDir}/projects${empty > 0 ? `, ${empty} without a conversation` : ''}`,
      `kept for ${plural(cleanupPeriodDays, 'day')}`,
      ...problems,
    ].join('; '),
  };
}

/** Why a registry file means nothing, in words. */
export const staleWords: Record<HostReport['stale'][number]['why'], string> = {
  gone: 'the process is gone',
  reused: 'another process has its number',
  otherDomain: 'of another container or machine',
};

/** So many registry files are named; the rest is counted. */
const namedFiles = 5;

function liveCheck({ host, configDir, live, stale, unread = [], registryUnread }: HostReport): Check {
  const check = `live sessions on ${host}`;
  if (registryUnread)
    return {
      check,
      ok: false,
      detail: `${configDir}/sessions cannot be read, so any session may be alive`,
      fix: `Let your account read it: ls -ld ${configDir}/sessions`,
    };
  const files = stale.slice(0, namedFiles).map(({ pid, why }) => `${pid} (${staleWords[why]})`);
  const more = stale.length - files.length;
  const detail = [
    String(live.length),
    ...(files.length > 0
      ? [
          `files in ${configDir}/sessions that mean nothing: ${files.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
        ]
      : []),
  ].join('; ');
  if (unread.length === 0) return { check, ok: true, detail };
  return {
    check,
    ok: false,
    detail: `${detail}; what ${unread.map((pid) => `process ${pid}`).join(', ')} holds cannot be read`,
    fix: 'Look again in a moment; if it stays, end that process.',
  };
}

/** Where nobody looked for traces, there is nothing to say. */
function traceCheck({ host, traces, kept = [] }: HostReport): Check[] {
  if (!traces) return [];
  const words = { log: 'by logs of runs', history: 'by the prompt history', job: 'by background jobs' };
  const found = [...groupBy(traces, ({ source }) => source)].map(
    ([source, some]) => `${new Set(some.map(({ sessionId }) => sessionId)).size} ${words[source]}`,
  );
  return [
    {
      check: `traces on ${host}`,
      ok: true,
      detail: [
        found.length > 0 ? `sessions named ${found.join(', ')}` : 'none besides transcripts',
        ...(kept.length > 0 ? [`${kept.length === 1 ? '1 copy' : `${kept.length} copies`} kept`] : []),
      ].join('; '),
    },
  ];
}

async function claudeOn(host: Host, report: HostReport, signal?: AbortSignal): Promise<string> {
  const found = await findClaude(host, signal);
  if (found.kind !== 'found')
    throw new UserError(found.kind === 'missing' ? 'not found' : `${found.path}: ${found.kind}`, found.next);
  return [
    `${found.path} ${found.version}`,
    ...(found.warning ? [found.warning] : []),
    ...agreement(await agentsOf(host, found, signal), report),
  ].join('; ');
}

/** Whether Claude's own list of what is alive is ours. */
function agreement(agents: readonly string[] | undefined, { live }: HostReport): string[] {
  if (!agents) return ['it does not list what is alive'];
  const known = new Set(live.map(({ sessionId }) => sessionId));
  const unknown = agents.filter((id) => !known.has(id));
  if (unknown.length === 0)
    return [`its own list of live sessions names ${agents.length}, all of them known here`];
  throw new UserError(
    `claude agents lists ${plural(unknown.length, 'session')} that the live registry does not show: ${unknown.map(shortId).join(', ')}`,
    'Look again in a moment, for it may just have started. If it stays, do not resume it while that process lives.',
  );
}
