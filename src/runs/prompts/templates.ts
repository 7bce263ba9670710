import { constants, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../hosts/host';
import type { AcceptedPrompt } from '../../model/binding/ledger';
import { UserError } from '../../model/errors';
import type { PromptName, Settings } from '../../model/settings';
import type { Place } from '../../model/task/repository';
import { listDirectory, readFile } from '../../sources/git/objects/documents';
import { visibleText } from '../../util/markdownText';
import { checkTemplate, templateNames, type TemplateName } from './placeholders';

/** The text of every template, its placeholders checked. */
export type Templates = Readonly<Record<TemplateName, string>>;

/** A file of the repository that nobody has accepted yet as a prompt. */
export interface UnacceptedPrompt {
  name: PromptName;
  path: string;
  /** Git's id of its content. */
  blob: string;
  /** As it would be used, and may be shown. */
  text: string;
}

export interface TemplateSources {
  /** `media/prompts` of the extension or the command line's package. */
  folder: string;
  /** `prompts` of the settings. */
  prompts: Settings['prompts'];
  /** The account's home on this machine, for `~/`. */
  home: string;
  /** Where the repository lies, and the full id of the commit on its default branch. */
  repository?: { host: Host; place: Place; commit: string };
  accepted: readonly AcceptedPrompt[];
  /** Those that the run needs; the others are the built-in ones. Default: an analysis'. */
  names?: readonly PromptName[];
  signal?: AbortSignal | undefined;
}

/** Folder of a repository's own prompts. */
export const repositoryPrompts = '.task-sessions/prompts';

const maxBytes = 20_000;

/**
 * The templates of a run: a file named in the settings, else the repository's own that the user accepted in this very
 * form, else the built-in one. `unaccepted`: files of the repository to ask about; the built-in ones stand in their place.
 * Throws `UserError` for a file that cannot be used, and `GitError` and `HostError` of the repository.
 */
export async function readTemplates(
  sources: TemplateSources,
): Promise<{ templates: Templates; unaccepted: UnacceptedPrompt[] }> {
  const { folder, prompts, home, accepted, names = ['analysis', 'documents', 'review'] } = sources;
  const templates = {} as Record<TemplateName, string>;
  for (const name of templateNames) templates[name] = await readTemplate(name, join(folder, `${name}.md`));
  for (const name of names.filter((name) => prompts[name] !== ''))
    templates[name] = await readTemplate(
      name,
      prompts[name].replace(/^~(?=$|\/)/, () => home),
    );

  const unaccepted: UnacceptedPrompt[] = [];
  const open = names.filter((name) => prompts[name] === '');
  for (const found of await repositoryTemplates(sources, open)) {
    const isAccepted = accepted.some(({ blob, path }) => blob === found.blob && path === found.path);
    if (isAccepted) templates[found.name] = found.text;
    else unaccepted.push(found);
  }
  return { templates, unaccepted };
}

async function readTemplate(name: TemplateName, path: string): Promise<string> {
  const bytes = await readStart(path).catch((error: unknown) => {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UserError(
      `The prompt ${path} cannot be read (${why}).`,
      `Correct taskSessions.prompts.${name}.`,
    );
  });
  return templateOf(name, path, bytes);
}

/** As much as tells that it is too long: the path may be anything. */
async function readStart(path: string): Promise<Buffer> {
  // A pipe would keep us waiting for whoever writes into it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw Object.assign(new Error('not a file'), { code: 'no file' });
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** By git's plumbing, at the commit: whatever lies in the working tree, and through no symlink. */
async function repositoryTemplates(
  { repository, signal }: TemplateSources,
  names: readonly PromptName[],
): Promise<UnacceptedPrompt[]> {
  if (!repository || names.length === 0) return [];
  const { host, place, commit } = repository;
  const entries = (await listDirectory(host, place, commit, repositoryPrompts, signal)) ?? [];
  const found: UnacceptedPrompt[] = [];
  for (const name of names) {
    const path = `${repositoryPrompts}/${name}.md`;
    if (!entries.some((entry) => entry.path === path)) continue;
    const file = await readFile(host, place, commit, path, { limit: maxBytes, ...(signal && { signal }) });
    if (file.kind !== 'file')
      throw new UserError(
        `${path} of ${place.name} ${file.kind === 'tooLarge' ? 'is too long' : 'is no file that can be read'}.`,
        `Correct it there, or set taskSessions.prompts.${name}.`,
      );
    const text = templateOf(name, `${path} of ${place.name}`, file.content);
    found.push({ name, path, blob: file.entry.object, text });
  }
  return found;
}

function templateOf(name: TemplateName, where: string, bytes: Buffer): string {
  if (bytes.length > maxBytes)
    throw new UserError(`The prompt ${where} is longer than ${maxBytes} bytes.`, 'Shorten it.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`The prompt ${where} is not UTF-8 text.`, 'Save it as UTF-8.');
  }
  // What a person is shown is what Claude is told.
  const template = visibleText(text);
  if (template.trim() === '') throw new UserError(`The prompt ${where} is empty.`, 'Write it, or remove it.');
  checkTemplate(name, template, where);
  return template;
}
