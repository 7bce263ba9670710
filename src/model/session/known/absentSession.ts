import { kindOf, type BindingIndex } from '../../binding/binding';
import type { LedgerEntry } from '../../binding/ledger';
import type { SessionRecord } from '../../record/record';
import { descent, recordLinks, type SessionFacts } from './hostSession';
import type { HostReading } from './knownSessions';
import type { Session } from '../session';

/** Sessions of which no host has a transcript. */

/** It answered, and newly: what it does not have is not there. */
export const answers = (host: HostReading | undefined): boolean =>
  host?.report !== undefined && host.state.error === undefined && !host.state.earlier;

/** A session that only its record knows: missing where its host answered, unknown where nobody could ask. */
export function fromRecord(
  record: SessionRecord,
  hosts: readonly HostReading[],
  binding: BindingIndex,
): Session {
  const host = hosts.find((one) => record.host !== undefined && one.names.includes(record.host));
  const answered = host ? answers(host) : record.host === undefined && hosts.every(answers);
  const bound = binding.bound({ sessionId: record.sessionId, host: host?.state.name ?? '' });
  const run = binding.run(record.sessionId, host?.state.name ?? '');
  return {
    id: record.sessionId,
    host: host?.state.name ?? record.host ?? '',
    hostKnown: host !== undefined,
    ...(record.directory !== undefined && { directory: record.directory }),
    ...(record.branch !== undefined && { branch: record.branch }),
    kind: kindOf(record, undefined, run),
    ...(run?.review && { role: 'review' }),
    state: answered ? 'missing' : 'unknown',
    ...(bound && { evidence: bound.evidence, key: bound.key, reason: bound.reason }),
    createdAt: record.created,
    ...descent(record, undefined, undefined, run),
    ...recordLinks(record),
  };
}

/** A session that we started or the user linked. */
export function fromLedger(
  entry: LedgerEntry,
  hosts: readonly HostReading[],
  binding: BindingIndex,
  { traces, kept }: SessionFacts,
): Session {
  const record = binding.claimed.get(entry.sessionId)?.record;
  const host = hosts.find((one) => one.state.name === entry.host);
  const title = binding.name(entry.sessionId, entry.host);
  return {
    id: entry.sessionId,
    host: entry.host,
    hostKnown: host !== undefined,
    ...(entry.directory !== undefined && { directory: entry.directory }),
    ...(entry.branch !== undefined && { branch: entry.branch }),
    kind: kindOf(record, entry),
    state: answers(host) ? 'missing' : 'unknown',
    // What is gone has expired, or was taken away.
    ...(!answers(host) && entry.expiresAt !== undefined && { expiresAt: entry.expiresAt }),
    evidence: 'ledger',
    ...(entry.key !== undefined && { key: entry.key }),
    ...(title !== undefined && { title }),
    createdAt: entry.createdAt,
    ...(entry.lastUsedAt !== undefined && { lastActivity: entry.lastUsedAt }),
    ...descent(record, entry, undefined),
    ...(traces && { traces }),
    ...(kept && { kept }),
    ...recordLinks(record),
  };
}

/** A session that a log, Claude's history of prompts, a background job or a copy of ours still names on its host. */
export function fromTraces(
  sessionId: string,
  host: HostReading,
  binding: BindingIndex,
  { traces = [], kept }: SessionFacts,
): Session {
  const name = host.state.name;
  const entry = binding.entry(sessionId, name);
  const record = binding.claimed.get(sessionId)?.record;
  const directory = traces.find((trace) => trace.directory !== undefined)?.directory ?? record?.directory;
  const title = binding.name(sessionId, name) ?? traces.find((trace) => trace.title !== undefined)?.title;
  const times = traces.flatMap(({ at }) => at ?? []);
  const lastActivity = times.length > 0 ? Math.max(...times) : kept?.modifiedAt;
  // What a log says of its directory binds nothing, not even in a worktree of ours.
  const bound = binding.bound({ sessionId, host: name });
  const run = binding.run(sessionId, name);
  return {
    id: sessionId,
    host: name,
    hostKnown: true,
    ...(directory !== undefined && { directory }),
    ...(record?.branch !== undefined && { branch: record.branch }),
    kind: kindOf(record, entry, run),
    ...(run?.review && { role: 'review' }),
    state: answers(host) ? 'missing' : 'unknown',
    ...(bound && { evidence: bound.evidence, key: bound.key, reason: bound.reason }),
    ...(title !== undefined && { title }),
    ...(record && { createdAt: record.created }),
    ...(lastActivity !== undefined && { lastActivity }),
    ...descent(record, entry, undefined, run),
    ...(traces.length > 0 && { traces }),
    ...(kept && { kept }),
    ...recordLinks(record),
  };
}
