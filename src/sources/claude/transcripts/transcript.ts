import { contextUse } from '../../../model/session/contextWindow';
import type { TranscriptSummary } from '../../../model/session/transcript';
import { Beginning, headTime } from './beginning';
import { clip, exact, lineObjects, numberOf, objectOf, parseObject, promptText, stringOf } from './lines';
import type { Json } from './lines';

/** Some bytes of a transcript. */
export interface Slice {
  offset: number;
  bytes: Buffer;
}

export interface TranscriptFile {
  path: string;
  size: number;
  /** Epoch ms. */
  modifiedAt: number;
}

/** What is known from the slices at hand, and on which side of the gap between them a fact may still lie. */
export interface TranscriptReading {
  summary: TranscriptSummary;
  lacksHead: boolean;
  lacksTail: boolean;
}

/**
 * Reads a transcript from its head and, unless the head is all of it, its tail; `renamed` is the content of the file
 * `custom-title.json` beside it, which a person's rename leaves there. The format is Claude's own and changes
 * with any release: every line and field may be missing, cut, or of a kind that nobody knows yet, and never is that an
 * error.
 */
export function readTranscript(
  file: TranscriptFile,
  head: Slice,
  tail?: Slice,
  renamed = '',
): TranscriptReading {
  const facts = new Facts();
  const headEnd = head.offset + head.bytes.length;
  facts.take(lineObjects(head.bytes, { cutStart: false, cutEnd: headEnd < file.size }));
  facts.atTail = true;
  if (tail) facts.take(lineObjects(tail.bytes, { cutStart: true, cutEnd: false }));

  const gap = tail !== undefined && headEnd < tail.offset;
  facts.rename(renamed, gap);
  const onBranch = facts.contextOnBranch();
  const names = named(file);
  const beginning = facts.beginning.summary(names.id, headTime(head.bytes));
  const summary: TranscriptSummary = {
    ...names,
    ...facts.summary(onBranch ?? facts.newestUsage),
    ...(beginning && { beginning }),
  };
  return {
    summary,
    lacksHead: gap && !facts.firstInHead,
    lacksTail: gap && onBranch === undefined,
  };
}

function named({ path, size, modifiedAt }: TranscriptFile) {
  const fileId = path.slice(path.lastIndexOf('/') + 1, -'.jsonl'.length);
  return { id: fileId.toLowerCase(), fileId, path, size, modifiedAt };
}

interface Usage {
  tokens: number;
  /** Undefined after a compaction, which names no model. */
  model?: string;
  requestedModel?: string;
}

/** A line of the conversation's tree. */
interface Node {
  parent?: string;
  usage?: Usage;
}

/** What the lines say, taken in file order. Of most things the last word counts. */
class Facts {
  atTail = false;
  firstInHead = false;
  newestUsage: Usage | undefined;
  readonly beginning = new Beginning();

  private readonly nodes = new Map<string, Node>();
  private leaf: string | undefined;
  private badLines = 0;
  private hasConversation = false;
  private directories: string[] = [];
  private branch: string | undefined;
  private firstActivity: number | undefined;
  private lastActivity: number | undefined;
  private entrypoint: string | undefined;
  private permissionMode: string | undefined;
  private firstUuid: string | undefined;
  private firstPrompt: string | undefined;
  private titleInTail = false;
  private customTitle: string | undefined;
  private aiTitle: string | undefined;
  private lastPrompt: string | undefined;
  private lastModel: Usage | undefined;

  take({ objects, bad }: { objects: Json[]; bad: number }): void {
    this.badLines += bad;
    for (const line of objects) this.line(line);
  }

  /** The rename may lie in the gap; a line after it is newer than the side file. */
  rename(json: string, gap: boolean): void {
    const newest = gap && !this.titleInTail ? undefined : this.customTitle;
    this.customTitle = newest ?? stringOf(parseObject(json)?.['customTitle']) ?? this.customTitle;
  }

  private line(line: Json): void {
    switch (line['type']) {
      case 'user':
      case 'assistant':
      case 'system':
      case 'attachment':
        // Old versions wrote the lines of sub-agents into the same file.
        if (line['isSidechain'] !== true) this.conversationLine(line);
        break;
      case 'custom-title':
        this.customTitle = stringOf(line['customTitle']) ?? this.customTitle;
        this.titleInTail = this.atTail;
        break;
      case 'ai-title':
        this.aiTitle = stringOf(line['aiTitle']) ?? this.aiTitle;
        break;
      case 'last-prompt':
        this.lastPrompt = stringOf(line['lastPrompt']) ?? this.lastPrompt;
        break;
      case 'permission-mode':
        this.permissionMode = exact(line['permissionMode'], 50) ?? this.permissionMode;
        break;
      default:
    }
  }

  private conversationLine(line: Json): void {
    if (!this.atTail) this.beginning.take(line);
    this.place(line);
    this.entrypoint = exact(line['entrypoint'], 50) ?? this.entrypoint;
    const time = Date.parse(stringOf(line['timestamp']) ?? '');
    if (!Number.isNaN(time)) {
      this.firstActivity ??= time;
      this.lastActivity = Math.max(this.lastActivity ?? 0, time);
    }
    if (line['type'] === 'user') this.userLine(line);
    const answer = usageOf(line);
    if (answer?.model) this.lastModel = answer;
    // Lines that a compaction kept have their counts set to nothing.
    const usage = answer && answer.tokens > 0 ? answer : undefined;
    this.newestUsage = usage ?? this.newestUsage;
    if (line['type'] === 'user' || line['type'] === 'assistant') {
      this.hasConversation = true;
      if (!this.atTail) this.firstInHead = true;
    }
    const uuid = exact(line['uuid'], 64);
    if (!uuid) return;
    if (!this.atTail) this.firstUuid ??= uuid;
    const parent = exact(line['parentUuid'], 64);
    this.nodes.set(uuid, { ...(parent ? { parent } : {}), ...(usage ? { usage } : {}) });
    this.leaf = uuid;
  }

  private place(line: Json): void {
    const directory = exact(line['cwd'], 4096);
    if (directory && directory !== this.directories.at(-1)) {
      this.directories = [...this.directories.filter((other) => other !== directory), directory].slice(-20);
      this.branch = undefined;
    }
    const branch = exact(line['gitBranch'], 300);
    // "HEAD" is both a detached head and no repository at all.
    if (branch && branch !== 'HEAD') this.branch = branch;
  }

  private userLine(line: Json): void {
    this.permissionMode = exact(line['permissionMode'], 50) ?? this.permissionMode;
    if (this.atTail || this.firstPrompt || line['isMeta'] === true || line['isCompactSummary'] === true)
      return;
    this.firstPrompt = promptText(objectOf(line['message'])?.['content']);
  }

  /** Of the newest answer on the live branch: from the last line back along its parents. */
  contextOnBranch(): Usage | undefined {
    const seen = new Set<string>();
    for (let at = this.leaf; at !== undefined && !seen.has(at);) {
      seen.add(at);
      const node = this.nodes.get(at);
      if (node?.usage) return node.usage;
      at = node?.parent;
    }
    return undefined;
  }

  summary(usage: Usage | undefined) {
    const requested = usage?.requestedModel ?? this.lastModel?.requestedModel;
    const model = usage?.model ?? this.lastModel?.model;
    const title = this.customTitle ?? this.aiTitle ?? this.lastPrompt ?? this.firstPrompt;
    return {
      hasConversation: this.hasConversation,
      directories: this.directories,
      ...defined({
        branch: this.branch,
        title: (title && clip(title, 200)) || undefined,
        firstActivity: this.firstActivity,
        lastActivity: this.lastActivity,
        model,
        context: usage && contextUse(usage.tokens, requested ?? model ?? ''),
        entrypoint: this.entrypoint,
        firstUuid: this.firstUuid,
        firstPrompt: this.firstPrompt,
        permissionMode: this.permissionMode,
        badLines: this.badLines || undefined,
      }),
    };
  }
}

/** What an answer says of the context, or what a compaction left of it. Errors that Claude writes as answers say nothing. */
function usageOf(line: Json): Usage | undefined {
  if (line['type'] === 'system' && line['subtype'] === 'compact_boundary') {
    const tokens = numberOf(objectOf(line['compactMetadata'])?.['postTokens']);
    return tokens === undefined ? undefined : { tokens };
  }
  if (line['type'] !== 'assistant' || line['isApiErrorMessage'] === true) return undefined;
  const message = objectOf(line['message']);
  const usage = objectOf(message?.['usage']);
  const model = exact(message?.['model'], 100);
  if (!usage || !model || model === '<synthetic>') return undefined;
  const tokens = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
    .map((name) => numberOf(usage[name]) ?? 0)
    .reduce((sum, count) => sum + count, 0);
  return { tokens, model, requestedModel: exact(line['requestedModel'], 100) ?? model };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys whose value is undefined: an absent fact is an absent key. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}
