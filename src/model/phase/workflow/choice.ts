import type { Settings } from '../../settings';
import { isMapped, phaseTitle } from '../../task/phase';
import { phases, type Phase } from '../../task/task';
import { mappedIn, type ProjectStatus, type ProposedPhase } from './propose';

/** What the person takes: the statuses of this project for each phase; none where it stays unmapped. */
export type WorkflowChoice = ReadonlyMap<Phase, readonly string[]>;

export const choiceOf = (proposal: readonly ProposedPhase[]): WorkflowChoice =>
  new Map(
    proposal.map(({ phase, status, because, others }) => [
      phase,
      status === undefined ? [] : [status, ...(because === 'kept' ? others : [])],
    ]),
  );

/** The setting `phases` with the choice in it: what stands for other projects' statuses stays. */
export function mappingOf(
  choice: WorkflowChoice,
  statuses: readonly ProjectStatus[],
  before: Settings['phases'],
): Settings['phases'] {
  const mapping: Settings['phases'] = {};
  for (const phase of phases) {
    const names = [...mappedIn(phase, statuses, before).elsewhere, ...(choice.get(phase) ?? [])];
    const [only, ...more] = names;
    if (only !== undefined) mapping[phase] = more.length === 0 ? only : names;
  }
  return mapping;
}

/** What a person should know of a mapping before taking it. One line each. */
export function workflowWarnings(
  mapping: Settings['phases'],
  statuses: readonly ProjectStatus[],
  approvers: readonly string[],
): string[] {
  const shared = statuses.flatMap(({ name }) => {
    const those = phases.filter((phase) => isMapped(name, phase, mapping));
    return those.length < 2
      ? []
      : `“${name}” stands for ${those.map(phaseTitle).join(' and ')}, so it tells neither: records decide.`;
  });
  const statusOf = (phase: Phase) => statuses.filter(({ name }) => isMapped(name, phase, mapping));
  const gate =
    statusOf('approved').length > 0
      ? []
      : approvers.length > 0
        ? ['No status stands for Approved: an approval counts if its author is among the approvers.']
        : ['No status stands for Approved, and nobody is among the approvers: no approval will count.'];
  const types = [...new Set(statuses.flatMap(({ issueTypes }) => issueTypes))];
  const lacking = (['awaitingReview', 'approved'] as const).flatMap((phase) => {
    const has = new Set(statusOf(phase).flatMap(({ issueTypes }) => issueTypes));
    const without = types.filter((type) => !has.has(type));
    return has.size === 0 || without.length === 0
      ? []
      : `${phaseTitle(phase)}: the workflow of ${without.slice(0, 5).join(', ')} has no such status.`;
  });
  return [...shared, ...gate, ...lacking];
}
