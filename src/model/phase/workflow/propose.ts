import type { Settings } from '../../settings';
import { phases, type Phase, type StatusCategory } from '../../task/task';
import { nameFits } from './names';

/** A status of a project, in the order in which Jira lists them: mostly that of the workflow. */
export interface ProjectStatus {
  name: string;
  category: StatusCategory;
  /** Types of issues whose workflow has it. */
  issueTypes: readonly string[];
}

/** What a phase is proposed to be called in Jira. */
export interface ProposedPhase {
  phase: Phase;
  /** Absent: nothing fits, or the phase is better left unmapped. */
  status?: string;
  because: 'kept' | 'name' | 'category' | 'none';
  /** False where somebody should look: something else fits nearly as well, or the sign is weak. */
  sure: boolean;
  /** Further statuses that fit, best first. */
  others: string[];
  /** Statuses of other projects that stand for the phase, too; they stay. */
  elsewhere: string[];
}

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/** What the mapping says of a phase: its statuses in this project, and those of others. */
export function mappedIn(
  phase: Phase,
  statuses: readonly ProjectStatus[],
  mapping: Settings['phases'],
): { here: string[]; elsewhere: string[] } {
  const said = [mapping[phase] ?? []].flat().filter((name) => name.trim() !== '');
  const here = statuses.filter(({ name }) => said.some((one) => sameName(one, name))).map(({ name }) => name);
  return { here, elsewhere: said.filter((one) => !here.some((name) => sameName(one, name))) };
}

const enough = 50;
/** Two that are no further apart are a matter of taste. */
const close = 15;

interface Fit {
  phase: Phase;
  status: ProjectStatus;
  score: number;
}

/** Proposes a status for each phase: what is mapped stays; else by name, then by category and order. One status, one phase. */
export function proposeWorkflow(
  statuses: readonly ProjectStatus[],
  mapping: Settings['phases'],
): ProposedPhase[] {
  const mapped = new Map(phases.map((phase) => [phase, mappedIn(phase, statuses, mapping)]));
  const taken = new Set([...mapped.values()].flatMap(({ here }) => here));
  const fits = rankedFits(statuses.filter(({ name }) => !taken.has(name)));
  const byName = new Map<Phase, Fit>();
  for (const fit of fits)
    if (mapped.get(fit.phase)?.here.length === 0 && !byName.has(fit.phase) && !taken.has(fit.status.name)) {
      byName.set(fit.phase, fit);
      taken.add(fit.status.name);
    }
  return phases.map((phase): ProposedPhase => {
    const { here = [], elsewhere = [] } = mapped.get(phase) ?? {};
    const others = fits.filter((fit) => fit.phase === phase).map(({ status }) => status.name);
    if (here[0] !== undefined)
      return { phase, status: here[0], because: 'kept', sure: true, others: here.slice(1), elsewhere };
    const fit = byName.get(phase);
    if (fit) {
      const { status, score } = fit;
      const rivals = fits.filter(
        (one) =>
          one !== fit && one.score > score - close && (one.phase === phase) !== (one.status === status),
      );
      const sure = score >= 75 && rivals.length === 0;
      return {
        phase,
        status: status.name,
        because: 'name',
        sure,
        others: without(others, status.name),
        elsewhere,
      };
    }
    const only = onlyOfCategory(phase, statuses, taken);
    if (only !== undefined) {
      taken.add(only);
      return { phase, status: only, because: 'category', sure: false, others: [], elsewhere };
    }
    return { phase, because: 'none', sure: others.length === 0, others, elsewhere };
  });
}

const without = (names: readonly string[], name: string): string[] => names.filter((one) => one !== name);

/** Every pair that fits, best first; of equals the one that comes first in the flow. */
function rankedFits(statuses: readonly ProjectStatus[]): Fit[] {
  const plain = statuses.flatMap((status) =>
    phases.map((phase) => ({ phase, status, score: plainScore(status, phase) })),
  );
  const [work] = plain.filter(({ phase }) => phase === 'implementing').toSorted((a, b) => b.score - a.score);
  const workAt = work && work.score >= enough ? statuses.indexOf(work.status) : undefined;
  return plain
    .map((fit) => ({ ...fit, score: fit.score === 0 ? 0 : fit.score + orderBonus(fit, statuses, workAt) }))
    .filter(({ score }) => score >= enough)
    .toSorted((a, b) => b.score - a.score);
}

function plainScore({ name, category }: ProjectStatus, phase: Phase): number {
  // A task whose category is done is done, whatever its status is called; and none else is.
  if ((phase === 'done') !== (category === 'done')) return 0;
  const score = nameFits(name, phase);
  if (score === 0) return 0;
  if (phase === 'backlog') return category === 'new' ? score : 0;
  // What waits for work is often of the first category still.
  return category === 'new' && phase !== 'approved' ? score - 15 : score;
}

/** "Review" before the work is that of a plan, and after it that of code. */
function orderBonus(
  { phase, status }: Fit,
  statuses: readonly ProjectStatus[],
  workAt: number | undefined,
): number {
  if (workAt === undefined) return 0;
  const isAfter = statuses.indexOf(status) > workAt;
  if (phase === 'inReview') return isAfter ? 20 : -25;
  if (phase === 'awaitingReview' || phase === 'analyzing' || phase === 'approved') return isAfter ? -25 : 0;
  return 0;
}

/** Where its name says nothing, a category that has one status only. */
function onlyOfCategory(
  phase: Phase,
  statuses: readonly ProjectStatus[],
  taken: ReadonlySet<string>,
): string | undefined {
  const category =
    phase === 'backlog'
      ? 'new'
      : phase === 'done'
        ? 'done'
        : phase === 'implementing'
          ? 'indeterminate'
          : undefined;
  const free = statuses.filter((status) => status.category === category && !taken.has(status.name));
  const all = statuses.filter((status) => status.category === category);
  return category !== undefined && free.length === 1 && all.length === 1 ? free[0]?.name : undefined;
}
