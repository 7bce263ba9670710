import { randomBytes } from 'node:crypto';
import { boundSessions } from '../../model/describe';
import { errorLine, isCancelled, UserError } from '../../model/errors';
import { changesFacts, changesRecord, changesTitle, isUntold, readChanges } from '../../model/gate/changes';
import type { PlannedMove } from '../../model/gate/approval/plannedMove';
import { changesText } from '../../model/gate/question';
import type { FieldValues } from '../../model/gate/approval/requiredField';
import { shortId } from '../../model/names';
import { resumeChoices } from '../../model/session/choice';
import type { Session } from '../../model/session/session';
import type { Settings } from '../../model/settings';
import type { Task } from '../../model/task/task';
import type { IssueComment } from '../../model/task/issue';
import { claimsOf } from '../../sources/jira/comments';
import type { Jira } from '../../sources/jira/jira';
import { markupLines } from '../../sources/jira/markup/lines';
import { readMarkup } from '../../sources/jira/markup/read';
import { recordIn } from '../../sources/jira/records/body';
import { writeRecord, type Thread } from '../../sources/jira/records/write';
import type { JiraAccount } from '../account';
import type { IssueWriter } from '../issue/issueWriter';
import { makeMove, obstacle, planMove } from '../issue/personalMove';
import { isPassing, unsent } from '../issue/refusal';
import type { Asked } from '../session/asking/asked';
import type { Asking } from '../session/asking/asking';
import { commentOnce, type WrittenComment } from './commenting';

export interface RequestingOptions {
  settings: Pick<Settings, 'phases'>;
  account: Pick<JiraAccount, 'jira'>;
  asking: Pick<Asking, 'ask'>;
}

/** What requesting changes would do, for the person to see first. */
export interface ChangesPlan {
  key: string;
  /** The head of the branch that was read. */
  commit?: string;
  move: PlannedMove;
  /** Why the issue would stay where it is. */
  obstacle?: { reason: string; next: string };
  /** Those that could be told, likeliest first. */
  sessions: Session[];
  /** Reasons of an earlier request that its session has not been told. */
  untold?: { reasons: string; sessionId: string };
}

export interface ChangesRequest {
  reasons: string;
  /** Of what was read; default the branch's head. */
  commit?: string;
  /** The one to tell. */
  session?: Session | undefined;
  fields?: FieldValues;
  signal?: AbortSignal | undefined;
  /** One line for people. */
  onProgress?: ((line: string) => void) | undefined;
}

/** What came of it. */
export interface RequestedChanges {
  comment: WrittenComment;
  moved: 'moved' | 'there' | 'unmapped' | 'refused';
  /** Absent where no session was to be told. */
  told?: Asked;
  /** What is left to do, one line each. */
  problems: string[];
}

/**
 * A person's no to the documents as they stand: reasons on the issue, the session's record and the issue back to
 * analyzing, and the reasons in the session. May be repeated after a kill at any point, with the same reasons: what is
 * done is not done twice.
 */
export class RequestingChanges {
  constructor(
    private readonly options: RequestingOptions,
    private readonly writer: IssueWriter,
  ) {}

  /** Reads the comments in full, and changes nothing. */
  async plan(task: Task, signal?: AbortSignal): Promise<ChangesPlan> {
    const { key, head } = task;
    const jira = await this.options.account.jira(signal);
    const move = await planMove(jira, key, 'analyzing', this.options.settings, signal);
    const blocked = obstacle(move, key);
    const sessions = resumeChoices(boundSessions(task)).toSorted((a, b) => timeOf(b) - timeOf(a));
    const untold = untoldOf(jira, await jira.thread(key, signal), sessions);
    return {
      key,
      ...(head !== undefined && { commit: head }),
      move,
      ...(blocked && { obstacle: blocked }),
      sessions,
      ...(untold && { untold }),
    };
  }

  /** Throws UserError where the reasons cannot be written. */
  async request(task: Task, request: ChangesRequest): Promise<RequestedChanges> {
    const { session, signal, onProgress } = request;
    const reasons = request.reasons.trim();
    if (reasons === '') throw new UserError('There are no reasons.', 'Say what is to be changed.');
    // Its record would claim it for this task, and the wrong conversation would be told.
    if (session && !boundSessions(task).some(({ id, host }) => id === session.id && host === session.host))
      throw new UserError(
        `Session ${shortId(session.id)} is not one of ${task.key}.`,
        `Link it first (task-sessions link), or name one of ${task.key}.`,
      );
    // Before anything is written: what cannot be told is not asked for.
    const text = textFor(task, { ...request, reasons });
    const problems: string[] = [];
    onProgress?.(`writing on ${task.key}`);
    const { comment, moved } = await this.writer.next(async () => {
      const jira = await this.options.account.jira(signal);
      const written = await this.write(jira, task, { ...request, reasons });
      if (session) await this.record(jira, task, session, { reasons, isTold: false }, problems, signal);
      return { comment: written, moved: await this.move(jira, task.key, request, problems) };
    });
    this.writer.touched(task.key);
    if (!session) return { comment, moved, problems };
    const told = await this.tell(task, session, text, request);
    if (told.kind === 'asked')
      await this.writer.next(async () => {
        const jira = await this.options.account.jira(signal);
        await this.record(jira, task, session, { reasons, isTold: true }, problems, signal);
      });
    else problems.push(`The session has not been told: ${told.reason} ${told.next}`);
    return { comment, moved, told, problems };
  }

  private write(jira: Jira, { key, head }: Task, { reasons, commit = head, signal }: ChangesRequest) {
    const remark = { title: changesTitle, facts: changesFacts(commit), words: reasons };
    // What was approved meanwhile is asked for anew, though the reasons be the same.
    const approvedAt = (comments: readonly IssueComment[]): number =>
      comments.findLast((comment) =>
        claimsOf(comment, key).some(({ title }) => title === 'Approved for Implementation'),
      )?.created ?? -Infinity;
    return commentOnce(jira, key, remark, signal, approvedAt);
  }

  /** One that failed is no reason to leave the rest undone: the comment says it all. */
  private async record(
    jira: Jira,
    task: Task,
    session: Session,
    said: { reasons: string; isTold: boolean },
    problems: string[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      const fields = changesRecord(session, task, said);
      const place = this.writer.place(task.key, session.host);
      const { thread } = await writeRecord(
        jira,
        { issueKey: task.key, wanted: () => ({ fields, place }) },
        signal,
      );
      const { problem } = await this.writer.wrote(jira, task.key, thread, signal);
      if (problem !== undefined) problems.push(problem);
    } catch (error) {
      if (isCancelled(error)) throw error;
      problems.push(errorLine(unsent(error, `The record on ${task.key} was not written`, 'do this again')));
    }
  }

  private async move(
    jira: Jira,
    key: string,
    { fields, signal }: ChangesRequest,
    problems: string[],
  ): Promise<RequestedChanges['moved']> {
    try {
      const { phases } = this.options.settings;
      return (await makeMove(jira, key, 'analyzing', { phases, fields, signal })).moved;
    } catch (error) {
      if (isCancelled(error) || !(error instanceof UserError)) throw error;
      problems.push(
        isPassing(error)
          ? `${error.message} ${key} was not moved: do this again when Jira answers.`
          : error.line,
      );
      return 'refused';
    }
  }

  private async tell(
    task: Task,
    session: Session,
    text: string,
    { signal, onProgress }: ChangesRequest,
  ): Promise<Asked> {
    try {
      return await this.options.asking.ask(session, text, { task, signal, onProgress });
    } catch (error) {
      if (isCancelled(error) || !(error instanceof UserError)) throw error;
      return { kind: 'refused', reason: error.message, next: error.next, waysOut: ['retry'] };
    }
  }
}

function textFor({ key, head }: Task, { reasons, commit = head }: ChangesRequest): string {
  const mark = randomBytes(6).toString('hex');
  return changesText({ key, reasons, mark, ...(commit !== undefined && { commit }) });
}

/** The newest request of ours whose session does not know of it. */
function untoldOf(jira: Jira, { comments }: Thread, sessions: readonly Session[]): ChangesPlan['untold'] {
  const own = comments.filter(({ author }) => author.id === jira.connection.user.id);
  const session = sessions.find(({ id }) => {
    const record = own.map(({ body }) => recordIn(body, id)).findLast(Boolean);
    return record !== undefined && isUntold(record);
  });
  if (!session) return undefined;
  const said = own.map(({ body }) => readChanges(markupLines(readMarkup(body)))).findLast(Boolean);
  return said && { reasons: said.reasons, sessionId: session.id };
}

const timeOf = ({ lastActivity, createdAt }: Session): number => lastActivity ?? createdAt ?? 0;
