import type { RunOrder } from './order';

/** The document that a second, fresh session writes where a critic is on. */
export const criticName = 'critic.md';

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
