import type { Host } from '../../hosts/host';
import type { AcceptedPrompt } from '../../model/binding/ledger';
import type { PromptName, Settings } from '../../model/settings';
import type { Place } from '../../model/task/repository';

/** The text of every template, its placeholders checked. */
export type Templates = Readonly<Record<PromptName, string>>;

/** A file of the repository that nobody has accepted yet as a prompt. */
export interface UnacceptedPrompt {
  name: PromptName;
  path: string;
  /** Git's id of its content. */
  blob: string;
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
  signal?: AbortSignal | undefined;
}

/**
 * The templates of a run: a file named in the settings, else the repository's own that the user accepted, else the
 * built-in one. `unaccepted`: files of the repository to ask about; the built-in ones stand in their place.
 */
export function readTemplates(
  _sources: TemplateSources,
): Promise<{ templates: Templates; unaccepted: UnacceptedPrompt[] }> {
  return Promise.reject(new Error('not there yet'));
}
