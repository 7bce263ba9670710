import type { PlanStep } from '../../model/plan/plan';
import { approvedNames } from '../../model/run/documents';
import type { ImplementationOrder } from '../../model/run/order';
import { approvedDirectory } from '../turn';
import { baseText, filled, list, type PromptInput } from './build';
import { bounded, fenced, harmless } from './fence';
import { issueText } from './issueText';

/** Bytes of UTF-8. What is cut of a step stands in the plan, which Claude can read. */
const limits = { issue: 64 << 10, step: 16 << 10 };

export interface ImplementationPromptInput extends PromptInput {
  implementation: ImplementationOrder;
  /** As the approved plan has them, as many as were ordered. */
  steps: readonly PlanStep[];
}

/**
 * The prompts of an implementation by their names in `prompts/`: `step-1` and so on for the steps of the plan, `fix` for a
 * check that failed, `continuation` before a step that another session has to go on with. The issue is told with the
 * first step of a session alone: the others are asked in the same conversation.
 */
export function implementationPrompts(input: ImplementationPromptInput): Record<string, string> {
  const { order, issue, templates, runDirectory, implementation, steps } = input;
  const { key, branch, directory } = order;
  const issueData = fenced(bounded(issueText(issue), limits.issue));
  const values = {
    key,
    branch,
    base: baseText(order),
    directory,
    commit: implementation.commit.slice(0, 12),
    documents: list(approvedDirectory(runDirectory), approvedNames(implementation)),
  };
  const prompts: Record<string, string> = {
    fix: filled('fix', templates, values),
    continuation: filled('continuation', templates, { ...values, issue: issueData }),
  };
  for (const [at, { title, text }] of steps.entries())
    prompts[`step-${at + 1}`] = filled('implementation', templates, {
      ...values,
      step: String(at + 1),
      steps: String(steps.length),
      title: harmless(title),
      plan: fenced(bounded(harmless(text), limits.step), 'PLAN STEP'),
      issue: at === 0 ? issueData : 'As it stands further up in this conversation.',
    });
  return prompts;
}
