import { UserError } from '../../../../model/errors';
import type { ImplementationOrder, RunOrder } from '../../../../model/run/order';

/** What a person was shown of an implementation before its start: where it works, by what, and what checks it. */
export interface ShownRun
  extends Pick<RunOrder, 'host' | 'directory' | 'branch'>, Pick<ImplementationOrder, 'commit' | 'documents'> {
  /** Titles. */
  steps: readonly string[];
  checks: readonly string[];
}

/** Undefined for a run that is no implementation. */
export function shownOf({ host, directory, branch, implementation }: RunOrder): ShownRun | undefined {
  if (!implementation) return undefined;
  const { commit, documents, steps, checks } = implementation;
  return { host, directory, branch, commit, documents, steps: steps.map(({ title }) => title), checks };
}

/** Throws UserError where a run is not the one that was shown: something changed while the person read. */
export function refuseOther(order: RunOrder, shown: ShownRun): void {
  const now = shownOf(order);
  const other = now && (Object.keys(words) as (keyof ShownRun)[]).filter((part) => !isSame(now[part], shown[part])); // prettier-ignore
  if (!other || other.length === 0) return;
  throw new UserError(
    `The implementation of ${order.key} is not what you were shown any more: ${other.map((part) => words[part]).join(', ')} changed meanwhile.`,
    'Nothing was started. Look at it again: Start Implementation.',
  );
}

const words: Record<keyof ShownRun, string> = {
  commit: 'the approved commit',
  documents: 'the approved documents',
  steps: 'the steps',
  checks: 'the checks',
  host: 'the host',
  branch: 'the branch',
  directory: 'the directory',
};

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
