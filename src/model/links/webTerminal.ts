import { isIssueKey, isTerminalName, parseSessionId } from '../names';
import { recordAddress } from '../record/fields';

/** What a web terminal's template may name: `${name}` (of the terminal), `${session}`, `${key}`. */
export interface WebTerminalTarget {
  name: string;
  session?: string | undefined;
  key?: string | undefined;
}

const maxLength = 2048;

/**
 * The address of a terminal in the browser, by the template of its host: https, values encoded. Undefined without a
 * template, with one that is not https, lets a value into its host, or names what is not known here.
 */
export function webTerminalUrl(template: string | undefined, target: WebTerminalTarget): string | undefined {
  const { name, session, key } = target;
  if (!template || webTerminalOrigin(template) === undefined || !isTerminalName(name)) return undefined;
  const values: Readonly<Partial<Record<string, string | undefined>>> = {
    name,
    session: session === undefined ? undefined : parseSessionId(session),
    key: key !== undefined && isIssueKey(key) ? key : undefined,
  };
  let complete = true;
  const filled = template.replace(placeholder, (_, word: string) => {
    const value = values[word];
    if (value === undefined) complete = false;
    return encodeURIComponent(value ?? '');
  });
  return complete ? recordAddress(filled) : undefined;
}

const placeholder = /\$\{(\w*)\}/g;

/** Scheme, host and port of a template, whatever fills it; undefined where it is not a whole https address. */
export function webTerminalOrigin(template: string): string | undefined {
  if (template.length > maxLength) return undefined;
  const origins = ['x', 'y'].map((value) => {
    const text = template.replace(placeholder, value);
    return URL.canParse(text) ? new URL(text) : undefined;
  });
  const [one, other] = origins;
  if (one?.protocol !== 'https:' || one.username !== '' || one.password !== '') return undefined;
  return one.origin === other?.origin ? one.origin : undefined;
}
