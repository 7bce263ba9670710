/** A query in its two parts; either may be empty. */
export interface Jql {
  where: string;
  /** With the words `ORDER BY`. */
  orderBy: string;
}

/**
 * Splits the user's JQL at its ORDER BY. Quoted text ("…" and '…', `\` escapes), and anything in parentheses, is left
 * alone; `order` is a reserved word, so outside of those it begins the ordering. Linear in the length of the text.
 */
export function splitJql(jql: string): Jql {
  let quote = '';
  let depth = 0;
  for (let at = 0; at < jql.length; at += 1) {
    const char = jql.charAt(at);
    if (char === '\\') at += 1;
    else if (quote) quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (depth === 0 && isOrderBy(jql, at))
      return { where: jql.slice(0, at).trim(), orderBy: jql.slice(at).trim() };
  }
  return { where: jql.trim(), orderBy: '' };
}

const orderBy = /order\s+by(?![\p{L}\p{N}_.-])/iuy;

function isOrderBy(jql: string, at: number): boolean {
  if (at > 0 && /[\p{L}\p{N}_.-]/u.test(jql.charAt(at - 1))) return false;
  orderBy.lastIndex = at;
  return orderBy.test(jql);
}

/** The query narrowed by one more condition: `(…) AND clause ORDER BY …`. */
export function narrowed(jql: string, clause: string): string {
  const { where, orderBy } = splitJql(jql);
  const condition = where === '' ? clause : `(${where}) AND ${clause}`;
  return orderBy === '' ? condition : `${condition} ${orderBy}`;
}

/** What changed in the last minutes. Relative, so that nobody's time zone matters; Jira counts in whole minutes. */
export const updatedWithin = (jql: string, minutes: number): string =>
  narrowed(jql, `updated >= -${Math.max(1, Math.ceil(minutes))}m`);
