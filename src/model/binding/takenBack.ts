import { entryFor, type LedgerContent, type OwedRecord } from './ledger';

/** True where the user says, in that Jira, that the session is none of the issue's: its record is owed no more. */
export const isTakenBack = (
  { sessionId, issueKey, fields }: OwedRecord,
  { entries }: Pick<LedgerContent, 'entries'>,
  jira: string | undefined,
): boolean =>
  entries.some((known) => {
    const entry = entryFor(known, jira);
    if (entry.sessionId !== sessionId || (fields.host !== undefined && entry.host !== fields.host))
      return false;
    if (entry.rejected?.includes(issueKey)) return true;
    return entry.evidence === 'linked'
      ? entry.key !== issueKey
      : entry.evidence === 'unlinked' && entry.key === issueKey;
  });

/**
 * True where that was said between two readings of the ledger, or the record was withdrawn: it is owed no more, and no
 * other program that paid it has noted its comment, which comes before it is struck off.
 */
export function isTakenBackSince(
  write: OwedRecord,
  before: Pick<LedgerContent, 'entries'>,
  after: LedgerContent,
  jira: string | undefined,
): boolean {
  const { sessionId, issueKey, fields } = write;
  const isNoted = ({ entries }: Pick<LedgerContent, 'entries'>): boolean =>
    entries.some(
      (one) =>
        one.sessionId === sessionId && one.host === fields.host && one.published?.issueKey === issueKey,
    );
  const isOwed = after.owed.some(
    (one) =>
      'sessionId' in one &&
      one.sessionId === sessionId &&
      one.issueKey === issueKey &&
      one.jira === write.jira,
  );
  if (!isOwed && fields.host !== undefined && !isNoted(after)) return true;
  // What was published long before stays until it is withdrawn.
  return isTakenBack(write, after, jira) && !isTakenBack(write, before, jira) && !isNoted(before);
}
