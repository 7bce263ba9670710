import { isBranchName, isHostName } from '../../names';
import { isDirectory } from '../../record/fields';
import type { SessionFields } from '../../record/linkRecord';
import type { AskedRequest } from './request';

/** The record of a session that asks. Where it works, its transcript says; the request speaks only of the documents. */
export function requestRecord(
  { host, request, session }: AskedRequest,
  { withCommit }: { withCommit: boolean },
): SessionFields {
  const directory = session.directory ?? request.directory;
  const branch = session.branch ?? request.branch;
  const { commit, note } = request;
  return {
    title: 'Approval Requested',
    sessionId: session.id,
    ...(isHostName(host) && { host }),
    ...(isDirectory(directory) && { directory }),
    ...(branch !== undefined && isBranchName(branch) && { branch }),
    ...(commit !== undefined && withCommit && { commit }),
    ...(note !== undefined && { reason: note }),
    status: 'Awaiting Developer Review',
  };
}
