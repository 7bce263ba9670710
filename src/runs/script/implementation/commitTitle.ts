import { oneLine } from '../../../util/markdownText';

/**
 * The title of a step as it stands in a commit's message. Others act on what they read there: Jira on `#done` and
 * `#time 3w` behind a key (smart commits, in the committer's name), build servers on `[skip ci]`. A plan says neither.
 */
export const commitTitle = (title: string): string =>
  oneLine(title)
    .trim()
    .replace(/#(?=\p{L})/gu, '＃')
    .replace(/\[([^[\]]*\b(?:skip|no[ _-]ci)\b[^[\]]*)\]/giu, '($1)');
