import { isCancelled, UserError } from '../../model/errors';
import type { PlannedMove } from '../../model/gate/approval/plannedMove';
import { fillFields, type FieldValues, type RequiredField } from '../../model/gate/approval/requiredField';
import type { Settings } from '../../model/settings';
import { isMapped, statusesOf } from '../../model/task/phase';
import type { Phase } from '../../model/task/task';
import type { Transition } from '../../sources/jira/dialect/transitions';
import { JiraError } from '../../sources/jira/errors';
import type { Jira } from '../../sources/jira/jira';

type Mapping = Pick<Settings, 'phases'>;

/**
 * How a person who is present gets the issue to the status of a phase, forwards or back: by one transition that Jira
 * offers them now. Reads only. Throws JiraError.
 */
export async function planMove(
  jira: Jira,
  key: string,
  phase: Phase,
  { phases }: Mapping,
  signal?: AbortSignal,
): Promise<PlannedMove> {
  if (statusesOf(phase, phases).length === 0) return { kind: 'unmapped', phase };
  const { status } = await jira.status(key, signal);
  const there = (now: string): PlannedMove | undefined =>
    isMapped(now, phase, phases) ? { kind: 'there', status: now } : undefined;
  const arrived = there(status);
  if (arrived) return arrived;
  const offered = await jira.transitions(key, signal);
  const [way] = offered.filter(({ to }) => isMapped(to, phase, phases)).toSorted(byEase);
  if (!way)
    // Somebody may have been quicker between the two questions.
    return (
      there((await jira.status(key, signal)).status) ?? {
        kind: 'none',
        from: status,
        wanted: [phases[phase] ?? []].flat(),
        offered: [...new Set(offered.map(({ to }) => to))],
      }
    );
  const { id, name, to, fields } = way;
  return { kind: 'way', from: status, to, transitionId: id, name, fields: fields.map(withMyself(jira)) };
}

/** Of several ways the one that asks for the least, and for nothing that only Jira's own screen can ask for. */
const byEase = (a: Transition, b: Transition): number =>
  hard(a.fields) - hard(b.fields) || a.fields.length - b.fields.length;

const hard = (fields: readonly RequiredField[]): number =>
  Number(fields.some(({ kind }) => kind === 'unsupported'));

/** A user field offers who asks. */
const withMyself =
  (jira: Jira) =>
  (field: RequiredField): RequiredField => {
    const { id, login, name } = jira.connection.user;
    return field.kind === 'user' ? { ...field, options: [{ id: login ?? id, label: name }] } : field;
  };

/** Why a planned move cannot be made as it is, whatever is given for its fields. */
export function obstacle(move: PlannedMove, key: string): { reason: string; next: string } | undefined {
  switch (move.kind) {
    case 'unmapped':
    case 'there':
      return undefined;
    case 'none': {
      const { from, wanted, offered } = move;
      return {
        reason: `Jira offers you no transition of ${key} from ${from} to ${wanted.join(' or ')}${offered.length > 0 ? `, only to ${offered.join(', ')}` : ''}.`,
        next: 'Move it in Jira, ask for the permission, or correct taskSessions.phases (Set Up Workflow).',
      };
    }
    case 'way': {
      const screens = move.fields.filter(({ kind }) => kind === 'unsupported').map(({ name }) => name);
      return screens.length === 0
        ? undefined
        : {
            reason: `The transition “${move.name}” asks for ${screens.join(', ')}, which only Jira’s own screen can ask for.`,
            next: `Make the transition in Jira, then do this again.`,
          };
    }
  }
}

export interface MoveOptions extends Mapping {
  fields?: FieldValues | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Makes the move that `planMove` plans now. May be repeated: an issue that is there stays. Throws UserError where Jira
 * offers no way, where fields are missing or wrong, and where Jira refuses.
 */
export async function makeMove(
  jira: Jira,
  key: string,
  phase: Phase,
  { phases, fields = {}, signal }: MoveOptions,
): Promise<{ moved: 'moved' | 'there' | 'unmapped' }> {
  const move = await planMove(jira, key, phase, { phases }, signal);
  if (move.kind === 'unmapped' || move.kind === 'there') return { moved: move.kind };
  const blocked = obstacle(move, key);
  if (blocked) throw new UserError(blocked.reason, blocked.next);
  if (move.kind !== 'way') return { moved: 'there' };
  const filled = fillFields(move.fields, fields);
  if (filled.kind === 'open') throw incomplete(move, filled);
  try {
    await jira.transition(key, { transitionId: move.transitionId, fields: filled.fields }, signal);
    return { moved: 'moved' };
  } catch (error) {
    if (isCancelled(error) || !(error instanceof JiraError)) throw error;
    // Another window was quicker (Data Center then says 500), or the answer was lost. Who moved it, the changelog tells.
    const now = await jira.status(key, signal).catch((unread: unknown) => {
      if (isCancelled(unread)) throw unread;
      return undefined;
    });
    if (now && isMapped(now.status, phase, phases)) return { moved: 'there' };
    throw refusedMove(move, key, error);
  }
}

function incomplete(
  { name }: Extract<PlannedMove, { kind: 'way' }>,
  { missing, wrong }: { missing: readonly RequiredField[]; wrong: readonly string[] },
): UserError {
  const asked = missing.map((field) => field.name);
  return new UserError(
    [
      `The transition “${name}” was not made.`,
      ...(asked.length > 0 ? [`It asks for ${asked.join(', ')}.`] : []),
      ...wrong,
    ].join(' '),
    asked.length > 0
      ? `Give ${asked.length > 1 ? 'them' : 'it'}, on the command line with --field ${JSON.stringify(`${asked[0]}=…`)}.`
      : 'Correct it, and try again.',
  );
}

function refusedMove(
  { from, to, name }: Extract<PlannedMove, { kind: 'way' }>,
  key: string,
  error: JiraError,
): UserError {
  return error.transient
    ? new UserError(
        `It is not known whether ${key} was moved from ${from} to ${to}: ${error.message}`,
        'Do it again when Jira answers: what is done is not done twice.',
        { cause: error },
      )
    : new UserError(
        `${key} was not moved from ${from} to ${to}: ${error.message}`,
        error.kind === 'permission'
          ? error.next
          : `Correct what Jira says, or make the transition “${name}” in Jira, then do this again.`,
        { cause: error },
      );
}
