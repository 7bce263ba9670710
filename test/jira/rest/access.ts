import type { Body, Issue, Permission } from '../entities';
import { adfProblem } from '../text/adfCheck';
import { doc, paragraph } from '../text/adf';
import { refuse, refuseField, type Call } from './answer';

/** The issue that the first part of the path names, if this caller may see it. */
export function issueOf(call: Call): Issue {
  const issue = visibleIssue(call, call.params[0] ?? '');
  if (issue) return issue;
  if (!call.cloud && !call.user) {
    throw refuse(401, 'You do not have the permission to see the specified issue. Login Required');
  }
  throw refuse(
    404,
    call.cloud ? 'Issue does not exist or you do not have permission to see it.' : 'Issue Does Not Exist',
  );
}

export function visibleIssue(call: Call, keyOrId: string): Issue | undefined {
  const issue = call.state.findIssue(keyOrId);
  return issue && call.state.may(call.user, 'browse', issue) ? issue : undefined;
}

export function must(
  call: Call,
  permission: Permission,
  issue: Issue,
  status: number,
  message: string,
): void {
  if (!call.state.may(call.user, permission, issue)) throw refuse(status, message);
}

/** Rich text from a request: ADF for version 3, wiki markup for version 2; refused as Jira refuses it. */
export function bodyFrom(call: Call, value: unknown, field: 'comment' | 'description'): Body {
  const invalid =
    field === 'comment' ? 'Comment body is not valid!' : 'Operation value must be an Atlassian Document';
  if (call.version === 3) {
    if (adfProblem(value) !== undefined) throw refuseField(field, invalid);
    return within(call, field, JSON.stringify(value).length, value as Body);
  }
  if (typeof value !== 'string') throw refuseField(field, invalid);
  if (field === 'comment' && value.trim() === '') throw refuseField(field, 'Comment body can not be empty!');
  const body = within(call, field, value.length, value);
  return call.cloud
    ? doc(...value.split(/\r?\n/).map((line) => (line ? paragraph(line) : paragraph())))
    : body;
}

function within(call: Call, field: string, length: number, body: Body): Body {
  const { textLimit } = call.settings;
  if (length <= textLimit) return body;
  const limit = call.cloud ? textLimit.toLocaleString('en-US') : String(textLimit);
  throw refuseField(
    field,
    `The entered text is too long. It exceeds the allowed limit of ${limit} characters.`,
  );
}

/** The user of a call that has passed a permission check. */
export function actor(call: Call) {
  if (!call.user)
    throw refuse(401, 'You are not authenticated. Authentication required to perform this operation.');
  return call.user;
}
