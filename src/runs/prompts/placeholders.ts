import { UserError } from '../../model/errors';
import { promptNames, type PromptName } from '../../model/settings';

/** Texts that no setting takes the place of: parts of what an implementation is told. */
export const builtInNames = ['continuation', 'fix'] as const;

export const templateNames = [...promptNames, ...builtInNames] as const;
export type TemplateName = PromptName | (typeof builtInNames)[number];

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
  | 'steps'
  /** Of the step: its title, and its part of the plan as fenced data. */
  | 'title'
  | 'plan'
  /** The approved commit. */
  | 'commit';

/** What each template may name. */
export const placeholders: Readonly<Record<TemplateName, readonly Placeholder[]>> = {
  analysis: ['key', 'branch', 'base', 'directory', 'docs', 'issue', 'files'],
  documents: ['key', 'directory', 'docs', 'files'],
  review: ['key', 'directory', 'documents', 'issue', 'files'],
  implementation: [
    'key',
    'branch',
    'base',
    'directory',
    'documents',
    'issue',
    'step',
    'steps',
    'title',
    'plan',
    'commit',
  ],
  handoff: ['key', 'branch', 'directory', 'documents', 'files'],
  continuation: ['key', 'branch', 'directory', 'issue', 'commit'],
  fix: ['key', 'branch', 'directory'],
};

/** Without these a prompt is of no use: put at its end where the template has forgotten them. */
const needed: readonly Placeholder[] = ['issue', 'plan', 'files'];

const pattern = /\$?\$\{([^{}]*)\}/g;

/** Throws `UserError` for a placeholder that is not one. `where` names the template to its owner. */
export function checkTemplate(name: TemplateName, template: string, where: string): void {
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
  name: TemplateName,
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

const isPlaceholder = (name: TemplateName, word: string): word is Placeholder =>
  (placeholders[name] as readonly string[]).includes(word);
