import { isLinkRecord } from '../../record/linkRecord';
import { changesRequestedStatus, type Person, type RecordClaim } from '../../record/record';
import type { LedgerRun } from '../order';
import type { Run } from '../run';
import { statusOf, titleOf } from './runRecord';

/** True while somebody works on the run, or is about to. */
export const isLive = ({ kind }: Run['state']): boolean =>
  kind === 'starting' || kind === 'queued' || kind === 'running';

/**
 * How a run stands, as far as Jira is to be told: a step more of one that lives is no news, a step of its plan is, and
 * so is a session that it went on in.
 */
export function standing({ state, earlierSessions = [] }: Pick<Run, 'state' | 'earlierSessions'>): string {
  const plan = isLive(state) && 'plan' in state ? state.plan : undefined;
  if (!plan) return state.kind;
  return [
    state.kind,
    plan.current,
    ...(earlierSessions.length > 0 ? [`+${earlierSessions.length}`] : []),
  ].join(' ');
}

/** Records say of the run what it says of itself: its title and its status; or what came after its end. */
const saysIt = ({ title, status }: Pick<RecordClaim, 'title' | 'status'>, { kind, state }: Run): boolean =>
  (title === titleOf(kind, state) && status === statusOf(kind, state)) ||
  (!isLive(state) && (title === 'Approval Requested' || status === changesRequestedStatus));

/** The newest of the claims about the run's session that is no link. */
export const newestClaim = (run: Run, claims: readonly RecordClaim[]): RecordClaim | undefined =>
  claims
    .filter((claim) => claim.sessionId === run.sessionId && !isLinkRecord(claim))
    .reduce<RecordClaim | undefined>(
      (last, one) => (last && last.updated > one.updated ? last : one),
      undefined,
    );

/**
 * True where Jira is to be told of the run: it waits, works, has ended. Each step of its plan only its starter tells.
 * `told` is what our ledger knows of a run of ours; `claims` are those of its issue, where that is listed.
 */
export function isDue(
  run: Run,
  told: Pick<LedgerRun, 'settledLines' | 'settledAs'> | undefined,
  claims: readonly RecordClaim[] | undefined,
): boolean {
  if (run.state.kind === 'starting') return false;
  if (told) {
    if (told.settledAs !== standing(run)) return true;
    return !isLive(run.state) && (!run.settled || told.settledLines < run.lines);
  }
  const said = claims && newestClaim(run, claims);
  if (isLive(run.state)) return !run.settled && said !== undefined && !saysIt(said, run);
  if (run.settled && run.state.kind !== 'interrupted') return false;
  return !run.settled || (said !== undefined && !saysIt(said, run));
}

/**
 * True for a run that has come to its end, and that this person started by Jira's word: the first record of its session
 * is theirs. Their ledger may be on another machine; what the host says of who started it proves nothing by itself.
 */
export function isAnnouncedBy(
  { state, startedBy, sessionId, earlierSessions = [] }: Run,
  claims: readonly RecordClaim[],
  { id, name }: Person,
): boolean {
  if (!['complete', 'failed', 'stopped'].includes(state.kind) || startedBy !== name) return false;
  const first = earlierSessions[0] ?? sessionId;
  return claims.find((claim) => claim.sessionId === first && !isLinkRecord(claim))?.author.id === id;
}

/**
 * A record of our own, last written by us, that says something else than the run: a program of ours was late, and
 * ended before it could correct itself. What people changed or took away stays as they want it.
 */
export function staleClaim(run: Run, claims: readonly RecordClaim[], me: string): RecordClaim | undefined {
  if (run.state.kind === 'starting') return undefined;
  const own = claims.filter(({ author }) => author.name === me);
  const claim = newestClaim(run, own);
  return claim && claim.updateAuthor.id === claim.author.id && !saysIt(claim, run) ? claim : undefined;
}
