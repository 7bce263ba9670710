import type { Session } from '../../model/session/session';
import { flagArguments, readFlags, type LaunchFlags } from '../../sources/claude/launch/launch';
import type { Ledger } from '../../state/ledger';
import type { StartPlan } from './resume/plan';

/** The flags that a session was launched with, to be given again (CONTRIBUTING, "Identity"); a fork takes its original's. */
export async function flagsOf(
  ledger: Ledger,
  session: Session,
  permissionMode?: string,
): Promise<LaunchFlags> {
  const { entries } = await ledger.read();
  const known = entries.filter((one) => one.sessionId === session.id);
  const entry = known.find((one) => one.host === session.host) ?? known.at(-1);
  // Claude restores most modes itself, but not `plan`; a bypass is never given again unless it was our own flag.
  return { ...(permissionMode === 'plan' && { permissionMode }), ...readFlags(entry?.flags ?? []) };
}

/**
 * Notes a start in the ledger, before it happens. A session that existed already is not bound by being resumed.
 * `jira`: host and port of the one that has the task.
 */
export async function remember(
  ledger: Pick<Ledger, 'remember'>,
  plan: StartPlan,
  jira?: string,
): Promise<void> {
  const { session, task, spec, begins, flags } = plan;
  const now = Date.now();
  // A candidate is linked by the user's word only.
  const key = session.evidence === 'candidate' ? undefined : (task?.key ?? session.key);
  await ledger.remember({
    sessionId: session.id,
    host: session.host,
    // What was said of it stays as it is, whoever says it at this moment and on whichever host.
    ...(begins && key !== undefined
      ? { evidence: 'started', ...(jira !== undefined && { jira }) }
      : { evidence: 'seen' }),
    ...(key !== undefined && { key }),
    directory: spec.directory,
    ...(session.branch !== undefined && { branch: session.branch }),
    flags: flagArguments(flags),
    kind: session.kind,
    ...(session.continues !== undefined && { continues: session.continues }),
    ...(session.forkedFrom !== undefined && { forkedFrom: session.forkedFrom }),
    createdAt: session.createdAt ?? now,
    lastUsedAt: now,
  });
}
