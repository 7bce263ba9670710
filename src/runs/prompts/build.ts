import { UserError } from '../../model/errors';
import { documentsOf } from '../../model/run/documents';
import type { RunOrder } from '../../model/run/order';
import type { IssueDetail } from '../../model/task/issue';
import { docsDirectory, reviewDirectory } from '../turn';
import { fenced } from './fence';
import { issueText } from './issueText';
import { builtInNames, fillTemplate, type Placeholder, type TemplateName } from './placeholders';
import type { Templates } from './templates';

export interface PromptInput {
  order: RunOrder;
  issue: IssueDetail;
  templates: Templates;
  /** Folder of the run on its host, absolute. */
  runDirectory: string;
}

/** The prompts of an analysis, as `prompts/NAME.md` of the run's folder holds them. */
export type RunPrompts = {
  analysis: string;
  /** Asks once more for the documents that the script finds missing. */
  documents: string;
  /** Where a critic is on. */
  review?: string;
};

/** The line under which a prompt lists absolute paths, each after "- ". */
const filesHeading = 'Files to write:';

const maxPromptBytes = 128 << 10;

/** The prompts of an analysis, at most 128 KB each. Throws `UserError` where a template is too long. */
export function buildPrompts({ order, issue, templates, runDirectory }: PromptInput): RunPrompts {
  const docs = docsDirectory(order);
  const review = reviewDirectory(runDirectory);
  const names = documentsOf(order);
  const text = issueText(issue);
  const values = {
    key: order.key,
    branch: order.branch,
    base: baseText(order),
    directory: order.directory,
    docs,
    files: list(docs, names.analysis, filesHeading),
  };
  return {
    analysis: filled('analysis', templates, { ...values, issue: fenced(text) }),
    documents: filled('documents', templates, values),
    ...(names.review.length > 0 && {
      review: filled('review', templates, {
        key: order.key,
        directory: review,
        documents: list(review, names.analysis),
        files: list(review, names.review, filesHeading),
        issue: fenced(text),
      }),
    }),
  };
}

export const baseText = ({ base }: Pick<RunOrder, 'base'>): string =>
  `${base.branch} (${base.commit.slice(0, 12)})`;

/** Absolute paths, each after "- ". */
export const list = (directory: string, names: readonly string[], heading?: string): string =>
  [...(heading === undefined ? [] : [heading]), ...names.map((name) => `- ${directory}/${name}`)].join('\n');

/** Throws `UserError` where it comes to more than 128 KB. */
export function filled(
  name: TemplateName,
  templates: Templates,
  values: Readonly<Partial<Record<Placeholder, string>>>,
): string {
  const prompt = fillTemplate(name, templates[name], values);
  if (Buffer.byteLength(prompt) <= maxPromptBytes) return prompt;
  const isBuiltIn = (builtInNames as readonly string[]).includes(name);
  throw new UserError(
    `The prompt "${name}" comes to more than 128 KB.`,
    isBuiltIn ? 'Shorten the issue’s description.' : `Shorten its template (taskSessions.prompts.${name}).`,
  );
}
