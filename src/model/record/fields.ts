import { isAbsolutePath, isBranchName, isHostName, parseObjectId, parseSessionId } from '../names';
import type { RecordFields } from './record';
import { trimEdges } from './line';

/** The fields that one `Key: value` line can set. */
export type FieldName = Exclude<keyof RecordFields, 'title'>;

/** Keys in words (see `words`), with the other names that people give them. */
const names: ReadonlyMap<string, FieldName> = new Map<string, FieldName>([
  ['session id', 'sessionId'],
  ['session', 'sessionId'],
  ['session uuid', 'sessionId'],
  ['sessionid', 'sessionId'],
  ['claude session', 'sessionId'],
  ['claude session id', 'sessionId'],
  ['host', 'host'],
  ['directory', 'directory'],
  ['working directory', 'directory'],
  ['branch', 'branch'],
  ['git branch', 'branch'],
  ['commit', 'commit'],
  ['document', 'documents'],
  ['docs generated', 'docs'],
  ['documents generated', 'docs'],
  ['continues', 'continues'],
  ['step', 'step'],
  ['reason', 'reason'],
  ['remote', 'remote'],
  ['web terminal', 'webTerminal'],
  ['open in editor', 'editorUrl'],
  ['status', 'status'],
]);

export const fieldOf = (key: string): FieldName | undefined => names.get(key);

const maxDocs = 50;
const maxDocuments = 50;
const maxText = 500;
const maxUrl = 2048;

/**
 * Sets the field that a line names, if its value is what it claims to be and the field is not yet set;
 * otherwise nothing changes. `Document` and `Docs generated` lines add up.
 */
export function setField(fields: Partial<RecordFields>, name: FieldName, value: string): void {
  switch (name) {
    case 'sessionId':
    case 'continues':
      put(fields, name, parseSessionId(identifier(value)));
      break;
    case 'host':
      put(fields, name, accept(identifier(value), isHostName));
      break;
    case 'directory':
      put(fields, name, accept(unquoted(value), isDirectory));
      break;
    case 'branch':
      put(fields, name, accept(identifier(value), isBranchName));
      break;
    case 'commit':
      put(fields, name, parseObjectId(identifier(value)));
      break;
    case 'step':
      put(fields, name, parseStep(value));
      break;
    case 'reason':
    case 'status':
      put(fields, name, freeText(value));
      break;
    case 'remote':
    case 'webTerminal':
    case 'editorUrl':
      put(fields, name, recordAddress(value));
      break;
    case 'documents':
      addDocument(fields, value);
      break;
    case 'docs':
      for (const doc of value.split(',')) addDoc(fields, doc);
      break;
  }
}

function put<K extends FieldName>(
  fields: Partial<RecordFields>,
  name: K,
  value: RecordFields[K] | undefined,
): void {
  if (value !== undefined && fields[name] === undefined) fields[name] = value;
}

const accept = (text: string, is: (text: string) => boolean): string | undefined =>
  is(text) ? text : undefined;

/** The first word without the punctuation that people and markup put around an identifier. */
function identifier(value: string): string {
  return trimEdges(value.split(' ', 1)[0] ?? '', (character) => '*`"\'“”‘’()[]{}<>,;.…'.includes(character));
}

function unquoted(value: string): string {
  const first = value.charAt(0);
  const quoted = value.length > 1 && (first === '"' || first === "'") && value.endsWith(first);
  return quoted ? value.slice(1, -1) : value;
}

/** Besides `isAbsolutePath`: no format characters at all, since they make one path look like another. */
export const isDirectory = (text: string): boolean => isAbsolutePath(text) && !/[\p{Cf}\p{Cs}]/u.test(text);

function parseStep(value: string): RecordFields['step'] {
  const match = /^(\d{1,3}) ?(?:of|\/) ?(\d{1,3})$/i.exec(value);
  const [current, total] = [Number(match?.[1]), Number(match?.[2])];
  return match && current >= 1 && current <= total ? { current, total } : undefined;
}

function freeText(value: string): string | undefined {
  const text = value
    .slice(0, maxText)
    .replace(/[\p{Cf}\p{Cs}]/gu, '')
    .trim();
  return text === '' ? undefined : text;
}

/** An `https` address without a user name in it, as the URL parser normalizes it. */
export function recordAddress(value: string): string | undefined {
  const text = trimEdges(value.split(' ', 1)[0] ?? '', (character) => '<>"`'.includes(character));
  if (text.length > maxUrl || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return url.href.length <= maxUrl ? url.href : undefined;
}

function addDocument(fields: Partial<RecordFields>, value: string): void {
  const gap = value.lastIndexOf(' ');
  const path = value.slice(0, Math.max(gap, 0)).trim();
  const blob = parseObjectId(identifier(value.slice(gap + 1)));
  if (blob === undefined || !isRepositoryPath(path)) return;
  const documents = (fields.documents ??= []);
  if (documents.length < maxDocuments) documents.push({ path, blob });
}

/** A path inside a repository: relative, without `..`, control or format characters. */
export function isRepositoryPath(path: string): boolean {
  if (path.length === 0 || path.length > 1000 || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A document's file name: with an extension, without folders. */
export const isDocName = (text: string): boolean =>
  text.length <= 200 && /^[\p{L}\p{N}_][^/\\:\p{Cc}\p{Cf}\p{Cs}]*\.[A-Za-z0-9]{1,8}$/u.test(text);

/** Adds one name of a `Docs generated` list; without a bullet before it, a name has no spaces. */
export function addDoc(fields: Partial<RecordFields>, text: string, spaces = false): void {
  const name = trimEdges(text, (character) => ' *`-•–'.includes(character));
  if (!isDocName(name) || (!spaces && name.includes(' '))) return;
  const docs = (fields.docs ??= []);
  if (docs.length < maxDocs && !docs.includes(name)) docs.push(name);
}
