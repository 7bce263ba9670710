import { groupBy } from '../../../util/groupBy';
import { sameFields } from '../../../util/same';
import type { Approval, DocReview, Task, TaskDoc } from '../../task/task';
import type { ReviewMark } from './reviewMark';

/** The documents with how each stands to what this person has read and to the newest approval that counts. */
export const reviewed = (
  docs: readonly TaskDoc[],
  marks: readonly ReviewMark[],
  approval: Approval | undefined,
): TaskDoc[] => docs.map((doc) => ({ ...doc, review: reviewOf(doc, marks, approval) }));

function reviewOf(doc: TaskDoc, marks: readonly ReviewMark[], approval: Approval | undefined): DocReview {
  const approved = approval && againstApproval(doc, approval);
  const mark = marks.findLast(({ path }) => path === doc.path);
  return {
    ...(mark
      ? { state: mark.blob === doc.blob ? 'reviewed' : 'changed', at: mark.at, blob: mark.blob }
      : { state: 'new' }),
    ...(approved && { approved }),
  };
}

/** While the approval stands, so does every document. Of one that names no documents only its commit is known. */
function againstApproval(doc: TaskDoc, { documents, stale }: Approval): DocReview['approved'] {
  if (!stale) return 'same';
  if (!documents) return undefined;
  const line = documents.find(({ path }) => path === doc.path);
  if (!line) return 'added';
  return doc.blob === line.blob ? 'same' : 'changed';
}

/** A document that was approved and is not on the branch any more. */
export interface GoneDoc {
  name: string;
  path: string;
}

/** Empty while the branch cannot be read. */
export const goneSinceApproval = ({
  approval,
  docs,
  head,
}: Pick<Task, 'approval' | 'docs' | 'head'>): GoneDoc[] =>
  approval?.stale && head !== undefined
    ? (approval.documents ?? [])
        .filter(({ path }) => docs.every((doc) => doc.path !== path))
        .map(({ path }) => ({ name: path.slice(path.lastIndexOf('/') + 1), path }))
    : [];

/** What is to be read still, in the order of the documents. */
export const toReview = ({ docs }: Pick<Task, 'docs'>): TaskDoc[] =>
  docs.filter((doc) => doc.review?.state !== 'reviewed');

/** The natural order: that of `docs.names`; what is not among them comes last, as it lies on the branch. */
export function inReadingOrder(docs: readonly TaskDoc[], names: readonly string[]): TaskDoc[] {
  const rank = ({ name }: TaskDoc): number => {
    const at = names.indexOf(name);
    return at === -1 ? names.length : at;
  };
  return docs.toSorted((a, b) => rank(a) - rank(b));
}

const states: Record<DocReview['state'], string> = {
  new: 'new',
  changed: 'changed since reviewed',
  reviewed: 'reviewed',
};

export const stateWords = ({ state }: DocReview): string => states[state];

/** What makes the approval stale in this document. */
export function approvalWords({ approved }: DocReview): string | undefined {
  switch (approved) {
    case 'changed':
      return 'changed since approved';
    case 'added':
      return 'not in the approval';
    case 'same':
    case undefined:
      return undefined;
  }
}

/** `changed since reviewed · changed since approved`. */
export const reviewText = (review: DocReview): string =>
  [stateWords(review), approvalWords(review)].filter(Boolean).join(' · ');

/** `2/5 reviewed`. */
export const reviewCount = (task: Pick<Task, 'docs'>): string =>
  `${task.docs.length - toReview(task).length}/${task.docs.length} reviewed`;

/** Marks by task, the same objects while nothing changed in them. */
export class MarksByKey {
  private last: { marks: readonly ReviewMark[]; byKey: ReadonlyMap<string, readonly ReviewMark[]> } = {
    marks: [],
    byKey: new Map(),
  };

  of(marks: readonly ReviewMark[]): ReadonlyMap<string, readonly ReviewMark[]> {
    if (marks === this.last.marks) return this.last.byKey;
    const before = this.last.byKey;
    const byKey = new Map<string, readonly ReviewMark[]>(groupBy(marks, ({ key }) => key));
    let same = byKey.size === before.size;
    for (const [key, rows] of byKey) {
      const known = before.get(key);
      if (known && sameRows(known, rows)) byKey.set(key, known);
      else same = false;
    }
    this.last = { marks, byKey: same ? before : byKey };
    return this.last.byKey;
  }
}

const sameRows = (a: readonly ReviewMark[], b: readonly ReviewMark[]): boolean =>
  a.length === b.length && a.every((one, at) => sameFields(one, b[at]));
