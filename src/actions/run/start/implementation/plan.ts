import type { Host } from '../../../../hosts/host';
import { UserError } from '../../../../model/errors';
import { parsePlan, type PlanStep } from '../../../../model/plan/plan';
import { planName } from '../../../../model/run/documents';
import type { ImplementationOrder } from '../../../../model/run/order';
import type { Place } from '../../../../model/task/repository';
import { readApproved, type Approved } from '../../../../runs/approved';

/** The path of the plan among documents. */
export const planOf = (documents: ImplementationOrder['documents']): string | undefined =>
  documents.find(({ path }) => path === planName || path.endsWith(`/${planName}`))?.path;

/**
 * The steps of a task's plan as it was approved; without a plan the documents as a whole are the one step. Reads every
 * approved document, so that none is missing later. Throws UserError.
 */
export async function approvedSteps(
  host: Host,
  place: Place,
  approved: Approved,
  signal: AbortSignal | undefined,
): Promise<PlanStep[]> {
  const texts = await readApproved(host, place, approved, { signal });
  const plan = planOf(approved.documents);
  const bytes = plan === undefined ? undefined : texts.get(plan);
  if (bytes === undefined)
    return [
      {
        // Not the summary: anybody may have changed that since the approval.
        title: 'The approved documents',
        text: 'There is no plan in steps: what the approved documents say is this step, as a whole.',
      },
    ];
  return parsePlan(decoded(bytes, plan ?? ''));
}

function decoded(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(
      `The approved ${path} is not UTF-8 text.`,
      'Save it as UTF-8, and have it approved again.',
    );
  }
}
