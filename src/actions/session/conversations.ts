import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { shortId } from '../../model/names';
import { sizeText } from '../../model/size';
import { transcriptsOf } from '../../model/session/liveness';
import type { Session } from '../../model/session/session';
import type { HostReport } from '../../model/session/transcript';
import { Conversation } from '../../sources/claude/conversation/conversation';
import type { TranscriptPlace } from '../../sources/claude/conversation/readRange';
import type {
  ConversationDocument,
  ConversationFacts,
} from '../../sources/claude/conversation/text/document';
import type { ReportSource, SnapshotStore } from '../store';

export interface ConversationOptions {
  hosts: readonly Host[];
  reports: readonly ReportSource[];
  store: Pick<SnapshotStore, 'snapshot' | 'report'>;
}

/** Where a conversation can be read, and what is known of it before. */
export interface ConversationSource {
  place: TranscriptPlace;
  facts: ConversationFacts;
  /** Another one when the transcript has changed. */
  version: string;
}

/** Loaded on first use: what reads Markdown is large, and most windows show no conversation. */
const rendering = () => import('../../sources/claude/conversation/text/document');
const streaming = () => import('../../sources/claude/conversation/text/stream');

/** The conversation of a session as Markdown, wherever its transcript lies. Looking never writes. */
export class Conversations {
  constructor(private readonly options: ConversationOptions) {}

  /** What the last report knows; undefined where it knows of nothing to read. */
  known(host: string, id: string): ConversationSource | undefined {
    const report = this.options.store.report(host);
    return report && this.source(report, id);
  }

  /** The same; asks the host, if nothing is known yet. Throws UserError in words that a reader understands. */
  async find(host: string, id: string, signal?: AbortSignal): Promise<ConversationSource> {
    const known = this.known(host, id);
    if (known) return known;
    const report = await this.options.reports.find(({ name }) => name === host)?.report(signal);
    const source = report && this.source(report, id);
    if (source) return source;
    throw this.nothingToRead(host, id, report);
  }

  /** The last turns. */
  open({ place }: ConversationSource, signal?: AbortSignal): Promise<Conversation> {
    return Conversation.atEnd(place, signal);
  }

  /** Reads back to the beginning, or until that is about `most` characters of text. */
  async readAll(
    conversation: Conversation,
    most: number,
    signal?: AbortSignal,
    onProgress?: (left: string) => void,
  ): Promise<void> {
    while (conversation.earlierBytes > 0 && conversation.characters < most) {
      signal?.throwIfAborted();
      onProgress?.(`${sizeText(conversation.earlierBytes)} left`);
      await conversation.earlier(signal);
    }
  }

  async document(
    { facts }: ConversationSource,
    conversation: Conversation,
    most?: number,
  ): Promise<ConversationDocument> {
    const { conversationDocument } = await rendering();
    return conversationDocument(conversation, facts, most);
  }

  /** All of it from the beginning, in pieces of text; what is held does not grow with the transcript. */
  async *stream({ place, facts }: ConversationSource, signal?: AbortSignal): AsyncGenerator<string> {
    const [{ header }, { streamBlocks }] = await Promise.all([rendering(), streaming()]);
    yield `${header(facts).join('\n\n')}\n\n`;
    for await (const blocks of streamBlocks(place, signal))
      if (blocks.length > 0) yield blocks.map(({ markdown }) => `${markdown}\n\n`).join('');
  }

  /** The last turns only. */
  async last(source: ConversationSource, turns: number, signal?: AbortSignal): Promise<string> {
    const conversation = await this.open(source, signal);
    while (conversation.turns < turns && conversation.earlierBytes > 0) await conversation.earlier(signal);
    const { conversationDocument } = await rendering();
    const { agents, unfinished } = conversation;
    const shown = conversation.last(turns);
    return (await conversationDocument({ agents, unfinished, shown, earlierBytes: 0 }, source.facts)).text;
  }

  private source(report: HostReport, id: string): ConversationSource | undefined {
    const host = this.options.hosts.find(({ name }) => name === report.host);
    if (!host) return undefined;
    const session = this.session(host.name, id);
    // Of copies in several project folders, the one in which a conversation went on last.
    const [transcript] = transcriptsOf(id, report).toSorted(
      (a, b) => Number(b.hasConversation) - Number(a.hasConversation) || b.modifiedAt - a.modifiedAt,
    );
    const kept = report.kept?.find(({ sessionId }) => sessionId === id);
    const file = transcript ?? kept;
    if (!file || file.path === '') return undefined;
    const { configDir } = host.settings;
    const directory = transcript?.directories.at(-1) ?? session?.directory;
    const branch = transcript?.branch ?? session?.branch;
    return {
      place: { host, path: file.path, ...(configDir && { configDir }), ...(!transcript && { kept: true }) },
      version: `${file.path} ${file.size} ${file.modifiedAt}`,
      facts: {
        title: [session?.key, session?.title ?? transcript?.title ?? shortId(id)].filter(Boolean).join(' · '),
        id,
        host: host.name,
        ...(directory !== undefined && { directory }),
        ...(branch !== undefined && { branch }),
        ...(!transcript && { notes: ["Claude's own transcript is gone; this is the copy that was kept."] }),
      },
    };
  }

  private session(host: string, id: string): Session | undefined {
    return this.options.store.snapshot.sessions.find((one) => one.host === host && one.id === id);
  }

  private nothingToRead(host: string, id: string, report: HostReport | undefined): UserError {
    const name = shortId(id);
    if (!this.options.hosts.some((one) => one.name === host))
      return new UserError(
        `"${host.slice(0, 80)}" is not one of your hosts.`,
        'Add it to taskSessions.hosts.',
      );
    if (!report) return new UserError(`${host} is not asked.`, 'Trust this folder, and try again.');
    if (report.live.some((one) => one.sessionId === id))
      return new UserError(
        `Nothing has been said in session ${name} yet.`,
        'Claude writes its transcript from the first prompt on.',
      );
    return new UserError(
      `${host} has no transcript of session ${name}.`,
      `Claude deletes transcripts after ${report.cleanupPeriodDays} days, unless they are kept before.`,
    );
  }
}
