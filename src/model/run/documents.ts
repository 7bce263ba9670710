import type { ImplementationOrder, RunOrder } from './order';

/** The document that a second, fresh session writes where a critic is on. */
export const criticName = 'critic.md';

/** The document whose steps an implementation works through. */
export const planName = 'step_by_step_impl_plan.md';

/** Names of approved documents, as the folder of a run has them. */
export const approvedNames = ({ documents }: Pick<ImplementationOrder, 'documents'>): string[] =>
  documents.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));

/** Names of the documents that each session of a run writes, in reading order. */
export function documentsOf({ docs, reviewId }: Pick<RunOrder, 'docs' | 'reviewId'>): {
  analysis: string[];
  review: string[];
} {
  const isReview = (name: string): boolean => reviewId !== undefined && name === criticName;
  return {
    analysis: docs.names.filter((name) => !isReview(name)),
    review: docs.names.filter(isReview),
  };
}
