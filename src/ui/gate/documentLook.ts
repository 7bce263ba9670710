import type * as vscode from 'vscode';
import { ago } from '../../model/age';
import { presentDocs } from '../../model/describe';
import { approvalWords, reviewCount, reviewText, toReview } from '../../model/gate/review/review';
import { staleText } from '../../model/gate/approval/approval';
import type { DocReview, Task } from '../../model/task/task';
import { icon } from '../sessions/sessionLook';
import { rowCommand, type Look } from '../tree/look';
import type { TreeNode } from '../tree/nodes';

/** The documents of a task, with how many of them were read. Whether it is open is the tree's affair. */
export function documentsLook({ task }: TreeNode & { kind: 'documents' }): Look {
  const present = presentDocs(task);
  const isComplete = present === task.docsExpected && task.docs.length > 0;
  return {
    label: 'Documents',
    description: [
      ...(isComplete ? [] : [`${present} of ${task.docsExpected}`]),
      ...(task.docs.length > 0 ? [reviewCount(task)] : []),
    ].join(' · '),
    icon: icon('book'),
    tooltip: documentsTooltip(task, present),
    context: [
      'documents',
      ...(task.docs.length === 0 ? ['none'] : toReview(task).length > 0 ? ['unread'] : []),
    ].join('.'),
  };
}

function documentsTooltip(task: Task, present: number): string {
  const unread = toReview(task).map(({ name }) => name);
  const absent = task.docsExpected - present;
  return [
    `${present} of ${task.docsExpected} documents are on ${task.branch ?? 'the task branch'}`,
    ...(absent > 0 ? ['Start Analysis lets Claude write what is missing'] : []),
    ...(task.docs.length === 0
      ? []
      : [unread.length === 0 ? 'You have reviewed all' : `To be reviewed: ${unread.join(', ')}`]),
    ...(task.approval?.stale ? [`The approval by ${task.approval.by} is ${staleText(task.approval)}`] : []),
  ].join('\n');
}

/** `document.changed.stale`: the words that menus ask for. */
export function documentLook(node: TreeNode & { kind: 'document' }, now: number): Look {
  const { doc, task } = node;
  const { review = { state: 'new' } } = doc;
  const words = reviewText(review);
  const changed = doc.changedAt === undefined ? undefined : `changed ${ago(doc.changedAt, now)}`;
  return {
    label: doc.name,
    description: [
      // Its icon says it already; the row is for what is to be done.
      ...(review.state === 'reviewed' ? ['✓', approvalWords(review)] : [words]),
      doc.changedAt === undefined ? undefined : ago(doc.changedAt, now),
    ]
      .filter(Boolean)
      .join(' · '),
    icon: documentIcon(review),
    tooltip: [
      doc.path,
      `on ${task.branch ?? 'its branch'}${changed ? `, ${changed}` : ''}`,
      reviewLine(review, now),
      ...(approvalWords(review) ? [`${capitalized(approvalWords(review)!)}: the approval is stale`] : []),
    ].join('\n'),
    context: ['document', review.state, ...(approvalWords(review) ? ['stale'] : [])].join('.'),
    command: rowCommand('openDocument', 'Open Document', node),
    spoken: [doc.name, words, changed].filter(Boolean).join(', '),
  };
}

/** One that was approved and is gone makes the approval stale, like one that changed. */
export function missingDocumentLook(node: TreeNode & { kind: 'missingDocument' }): Look {
  const { name, task, gone } = node;
  const branch = task.branch ?? 'the task branch';
  if (!gone)
    return {
      label: name,
      description: 'not on the branch',
      icon: icon('circle-slash', 'disabledForeground'),
      tooltip: `${name} is not on ${branch}.\nStart Analysis lets Claude write it.`,
    };
  return {
    label: name,
    description: 'gone since approved',
    icon: icon('warning', 'list.warningForeground'),
    tooltip: `${gone.path}\nApproved, and not on ${branch} any more: the approval is stale`,
    context: 'missingDocument.stale',
    command: rowCommand('compareApproved', 'Compare with Approved', node),
    spoken: `${name}, gone since approved. Press Enter to see what was approved.`,
  };
}

function documentIcon(review: DocReview): vscode.ThemeIcon {
  if (approvalWords(review)) return icon('warning', 'list.warningForeground');
  switch (review.state) {
    case 'new':
      return icon('circle-large-outline');
    case 'changed':
      return icon('diff-modified', 'charts.yellow');
    case 'reviewed':
      return icon('pass', 'charts.green');
  }
}

function reviewLine({ state, at }: DocReview, now: number): string {
  const when = at === undefined ? '' : ` ${ago(at, now)}`;
  switch (state) {
    case 'new':
      return 'Not reviewed yet';
    case 'changed':
      return `Changed since you reviewed it${when}`;
    case 'reviewed':
      return `Reviewed${when}`;
  }
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
