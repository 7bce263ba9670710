import type { IssueComment } from '../../model/task/issue';
import type { RecordClaim } from '../../model/record/record';
import { parseRecords } from '../../model/record/parse';
import { markupLines } from './markup/lines';
import { readMarkup } from './markup/read';

/**
 * The records that one comment claims, in their order, at most 20; none for a body of no known shape.
 * Never throws, and takes time linear in the body, whatever the body.
 */
export function claimsOf(comment: IssueComment, issueKey: string): RecordClaim[] {
  const { id: commentId, author, updateAuthor, created, updated } = comment;
  const records = parseRecords(markupLines(readMarkup(comment.body)));
  return records.map((fields) => ({
    ...fields,
    issueKey,
    commentId,
    author,
    updateAuthor,
    created,
    updated,
  }));
}
