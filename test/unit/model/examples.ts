import { parseSessionId } from '../../../src/model/names';
import type { Issue } from '../../../src/model/task/issue';
import type { LedgerEntry } from '../../../src/model/binding/ledger';
import type { RecordClaim } from '../../../src/model/record/record';
import { settingsSchema, type Settings } from '../../../src/model/settings';
import type { Session } from '../../../src/model/session/session';
import type { Task } from '../../../src/model/task/task';
import type { HostReport, PaneInfo, TranscriptSummary } from '../../../src/model/session/transcript';

/** Model values to start a test from; each takes the fields that the test is about. */

/** The nth session id. */
export function id(n: number): string {
  const text = `${n.toString(16).padStart(8, '0')}-7c44-4c1b-9a1e-2b8f0f5f6a01`;
  return parseSessionId(text) ?? text;
}

export const pat = { id: 'pat', name: 'Pat' };
export const dana = { id: 'dana', name: 'Dana' };

export const settings = (input: unknown = {}): Settings => settingsSchema.parse(input);

let comments = 100;

export function claim(fields: Partial<RecordClaim> = {}): RecordClaim {
  const created = fields.created ?? 10;
  const author = fields.author ?? pat;
  return {
    title: 'AI Analysis Complete',
    issueKey: 'PAY-1',
    commentId: String(comments++),
    author,
    updateAuthor: author,
    created,
    updated: created,
    ...fields,
  };
}

export const issue = (key: string, fields: Partial<Issue> = {}): Issue => ({
  id: key.replace(/\D/g, ''),
  key,
  summary: `Summary of ${key}`,
  status: 'To Do',
  statusCategory: 'new',
  url: `https://jira.example/browse/${key}`,
  created: 1,
  updated: 2,
  claims: [],
  comments: { total: 0, read: 0 },
  ...fields,
});

export const entry = (fields: Partial<LedgerEntry> = {}): LedgerEntry => ({
  sessionId: id(1),
  host: 'laptop',
  evidence: 'started',
  flags: [],
  kind: 'other',
  createdAt: 5,
  ...fields,
});

/** By every host's clock. */
export const clock = 1_700_000_000_000;

export const transcript = (fields: Partial<TranscriptSummary> = {}): TranscriptSummary => ({
  id: id(1),
  fileId: id(1),
  path: `./-srv-platform/${fields.id ?? id(1)}.jsonl`,
  size: 100,
  modifiedAt: clock - 3_600_000,
  hasConversation: true,
  directories: ['/srv/platform'],
  ...fields,
});

export const pane = (fields: Partial<PaneInfo> = {}): PaneInfo => ({
  socket: '/run/tmux-1000/task-sessions',
  id: '%1',
  sessionName: 'PAY-1-00000001',
  pid: 40,
  attached: 0,
  windows: 1,
  createdAt: 3,
  ...fields,
});

export const report = (host: string, fields: Partial<HostReport> = {}): HostReport => ({
  host,
  at: clock,
  clock,
  home: '/home/dev',
  configDir: '/home/dev/.claude',
  transcripts: [],
  live: [],
  stale: [],
  naming: [],
  panes: [],
  cleanupPeriodDays: 30,
  problems: [],
  ...fields,
});

export const session = (fields: Partial<Session> = {}): Session => ({
  id: id(1),
  host: 'laptop',
  hostKnown: true,
  kind: 'analysis',
  state: 'ended',
  evidence: 'record',
  ...fields,
});

export const task = (key: string, fields: Partial<Task> = {}): Task => ({
  key,
  id: key.replace(/\D/g, ''),
  summary: `Summary of ${key}`,
  status: 'To Do',
  statusCategory: 'new',
  phase: 'backlog',
  url: `https://jira.example/browse/${key}`,
  docs: [],
  docsExpected: 5,
  sessions: [],
  ...fields,
});
