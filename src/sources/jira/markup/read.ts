import { type MarkupNode, readAdf } from '../../markup/node';
import { readWiki } from './wiki';

/** A body as Jira returns it: an ADF document from Cloud, wiki markup from Data Center, anything else is empty. */
export const readMarkup = (body: unknown): MarkupNode =>
  typeof body === 'string' ? readWiki(body) : readAdf(body);
