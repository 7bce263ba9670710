import { UserError } from '../../model/errors';
import type { PromptName } from '../../model/settings';

/** What stands for what in the templates (README, "Prompts"). */
export type Placeholder =
  /** Key of the issue. */
  | 'key'
  /** Branch of the task, and the branch and commit that it was made from. */
  | 'branch'
  | 'base'
  /** Where the session works, absolute. */
  | 'directory'
  /** Directory of the documents, absolute. */
  | 'docs'
  /** The documents that are there to be read, a line each. */
  | 'documents'
  /** The issue as fenced data. */
  | 'issue'
  /** `Files to write:` and their absolute paths, a line each. */
  | 'files'
  /** Numbers: the step of the plan, and how many there are. */
  | 'step'
  | 'steps';

/** What each template may name. */
export const placeholders: Readonly<Record<PromptName, readonly Placeholder[]>> = {
  analysis: ['key', 'branch', 'base', 'directory', 'docs', 'issue', 'files'],
  documents: ['key', 'directory', 'docs', 'files'],
  review: ['key', 'directory', 'documents', 'issue', 'files'],
  implementation: ['key', 'branch', 'base', 'directory', 'documents', 'issue', 'step', 'steps'],
  handoff: ['key', 'branch', 'directory', 'documents', 'files'],
};

/** Without these a prompt is of no use: put at its end where the template has forgotten them. */
const needed: readonly Placeholder[] = ['issue', 'files'];

const pattern = /\$?\$\{([^{}]*)\}/g;

/** Throws `UserError` for a placeholder that is not one. `where` names the template to its owner. */
export function checkTemplate(name: PromptName, template: string, where: string): void {
  for (const [whole, word = ''] of template.matchAll(pattern)) {
    if (whole.startsWith('$$') || isPlaceholder(name, word)) continue;
    const known = placeholders[name].map((one) => `\${${one}}`).join(', ');
    throw new UserError(
      `"\${${word.slice(0, 40)}}" in ${where} is no placeholder.`,
      `Use ${known}; or write $\${${word.slice(0, 40)}} where the text itself is meant.`,
    );
  }
}

/** The template with its placeholders filled in, once: what stands in a value stays as it is. */
export function fillTemplate(
  name: PromptName,
  template: string,
  values: Readonly<Partial<Record<Placeholder, string>>>,
): string {
  const used = new Set<string>();
  const text = template.replaceAll(pattern, (whole, word: string) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    if (!isPlaceholder(name, word)) return whole;
    used.add(word);
    return values[word] ?? '';
  });
  const forgotten = needed.filter((word) => placeholders[name].includes(word) && !used.has(word));
  return [text.trimEnd(), ...forgotten.map((word) => values[word] ?? '')].join('\n\n').concat('\n');
}

const isPlaceholder = (name: PromptName, word: string): word is Placeholder =>
  (placeholders[name] as readonly string[]).includes(word);
