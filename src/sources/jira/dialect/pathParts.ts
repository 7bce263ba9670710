import { isIssueKey } from '../../../model/names';

/** Keys and ids become parts of a path: they are what they claim to be, or nothing is sent. */
export function checkedKey(key: string): string {
  if (!isIssueKey(key)) throw new Error(`Not an issue key: ${JSON.stringify(key.slice(0, 100))}`);
  return key;
}

/** The same of an id. */
export function checkedId(id: string): string {
  if (!/^\d{1,20}$/.test(id)) throw new Error(`Not an id: ${JSON.stringify(id.slice(0, 100))}`);
  return id;
}
