import { UserError } from '../../model/errors';
import { documentsOf } from '../../model/run/documents';
import type { RunOrder } from '../../model/run/order';
import type { PromptName } from '../../model/settings';
import type { IssueDetail } from '../../model/task/issue';
import { docsDirectory, reviewDirectory } from '../turn';
import { fenced } from './fence';
import { issueText } from './issueText';
import { fillTemplate, type Placeholder } from './placeholders';
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
    base: `${order.base.branch} (${order.base.commit.slice(0, 12)})`,
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

const list = (directory: string, names: readonly string[], heading?: string): string =>
  [...(heading === undefined ? [] : [heading]), ...names.map((name) => `- ${directory}/${name}`)].join('\n');

function filled(
  name: PromptName,
  templates: Templates,
  values: Readonly<Partial<Record<Placeholder, string>>>,
): string {
  const prompt = fillTemplate(name, templates[name], values);
  if (Buffer.byteLength(prompt) <= maxPromptBytes) return prompt;
  throw new UserError(
    `The prompt "${name}" comes to more than 128 KB.`,
    `Shorten its template (taskSessions.prompts.${name}).`,
  );
}
