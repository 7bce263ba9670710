import type { RunOrder } from '../../model/run/order';
import type { IssueDetail } from '../../model/task/issue';
import type { Templates } from './templates';

export interface PromptInput {
  order: RunOrder;
  issue: IssueDetail;
  templates: Templates;
  /** Folder of the run on its host, absolute. */
  runDirectory: string;
}

/** The prompts of an analysis, as `prompts/NAME.md` of the run's folder holds them. */
export interface RunPrompts {
  analysis: string;
  /** Asks once more for the documents that the script finds missing. */
  documents: string;
  /** Where a critic is on. */
  review?: string;
}

/** The prompts of a run, less than 128 KB each. Throws `UserError` where a template names a placeholder that we do not know. */
export function buildPrompts(_input: PromptInput): RunPrompts {
  throw new Error('not there yet');
}
