import { contextUse } from '../../../model/session/contextWindow';
import type { TranscriptSummary } from '../../../model/session/transcript';
import { Beginning } from './beginning';
import { clip, exact, numberOf, objectOf, parseObject, promptText, stringOf } from './lines';
import type { Json } from './lines';

interface Usage {
  tokens: number;
  /** Undefined after a compaction, which names no model. */
  model?: string;
  requestedModel?: string;
}

/** A line of the conversation's tree. */
interface Node {
  parent: string | undefined;
  usage: Usage | undefined;
}

/** What the lines say, taken in file order. Of most things the last word counts. */
export class Facts {
  atTail = false;
  firstInHead = false;
  newestUsage: Usage | undefined;
  /** When the file was begun, where its head notes that. */
  headAt: number | undefined;
  private readonly beginning = new Beginning();

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
  private modeInTail = false;
  private firstUuid: string | undefined;
  private firstPrompt: string | undefined;
  private titleInTail = false;
  private customTitle: string | undefined;
  private aiTitle: string | undefined;
  private lastPrompt: string | undefined;
  private oldSummary: string | undefined;
  private version: string | undefined;
  private turns = 0;
  private lastModel: Usage | undefined;

  take({ objects, bad }: { objects: Json[]; bad: number }): void {
    this.badLines += bad;
    for (const line of objects) this.line(line);
  }

  /**
   * Ends the reading. A rename may lie in the gap between head and tail, and a line after it is newer than the side file;
   * the mode in the head need not be the last one.
   */
  end(renamed: string, gap: boolean): void {
    if (gap && !this.modeInTail) this.permissionMode = undefined;
    const newest = gap && !this.titleInTail ? undefined : this.customTitle;
    this.customTitle = newest ?? stringOf(parseObject(renamed)?.['customTitle']) ?? this.customTitle;
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
      // Of old versions.
      case 'summary':
        this.oldSummary = stringOf(line['summary']) ?? this.oldSummary;
        break;
      case 'relocated':
        this.enter(exact(line['relocatedCwd'], 4096));
        break;
      case 'permission-mode':
        this.mode(line);
        break;
      default:
    }
  }

  private conversationLine(line: Json): void {
    if (!this.atTail) this.beginning.take(line);
    this.place(line);
    this.entrypoint = exact(line['entrypoint'], 50) ?? this.entrypoint;
    this.version = exact(line['version'], 50) ?? this.version;
    const time = Date.parse(stringOf(line['timestamp']) ?? '');
    if (!Number.isNaN(time)) {
      this.firstActivity ??= time;
      this.lastActivity = time;
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
    this.nodes.set(uuid, { parent, usage });
    this.leaf = uuid;
  }

  private place(line: Json): void {
    this.enter(exact(line['cwd'], 4096));
    const branch = exact(line['gitBranch'], 300);
    // "HEAD" is both a detached head and no repository at all.
    if (branch && branch !== 'HEAD') this.branch = branch;
  }

  private enter(directory: string | undefined): void {
    if (!directory || directory === this.directories.at(-1)) return;
    this.directories = [...this.directories.filter((other) => other !== directory), directory].slice(-20);
    this.branch = undefined;
  }

  /** Not so where a compaction is the last that tells of the context. */
  get knowsModel(): boolean {
    return this.lastModel !== undefined;
  }

  private mode(line: Json): void {
    const mode = exact(line['permissionMode'], 50);
    if (!mode) return;
    this.permissionMode = mode;
    this.modeInTail = this.atTail;
  }

  private userLine(line: Json): void {
    this.mode(line);
    if (this.atTail || line['isMeta'] === true || line['isCompactSummary'] === true) return;
    const prompt = promptText(objectOf(line['message'])?.['content']);
    if (!prompt) return;
    this.turns++;
    this.firstPrompt ??= prompt;
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

  /** `whole`: nothing of the file is missing, so that what can be counted counts. */
  summary(
    names: TranscriptNames,
    { whole, sideFiles }: { whole: boolean; sideFiles: number },
  ): TranscriptSummary {
    const usage = this.contextOnBranch() ?? this.newestUsage;
    const requested = usage?.requestedModel ?? this.lastModel?.requestedModel;
    const model = usage?.model ?? this.lastModel?.model;
    const title = this.customTitle ?? this.aiTitle ?? this.lastPrompt ?? this.oldSummary ?? this.firstPrompt;
    return defined({
      id: names.id,
      fileId: names.fileId,
      path: names.path,
      size: names.size,
      modifiedAt: names.modifiedAt,
      hasConversation: this.hasConversation,
      directories: this.directories,
      branch: this.branch,
      title: (title && clip(title, 200)) || undefined,
      firstActivity: this.firstActivity,
      lastActivity: this.lastActivity,
      model,
      context: usage && contextUse(usage.tokens, requested ?? model ?? ''),
      entrypoint: this.entrypoint,
      firstUuid: this.firstUuid,
      beginning: this.beginning.summary(names.id, this.headAt),
      firstPrompt: this.firstPrompt,
      permissionMode: this.permissionMode,
      version: this.version,
      turns: whole ? this.turns : undefined,
      sideFiles: sideFiles || undefined,
      badLines: this.badLines || undefined,
    });
  }
}

/** What the file itself tells, unread. */
export type TranscriptNames = Pick<TranscriptSummary, 'id' | 'fileId' | 'path' | 'size' | 'modifiedAt'>;

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
  const count = (name: string): number => numberOf(usage[name]) ?? 0;
  const tokens =
    count('input_tokens') + count('cache_read_input_tokens') + count('cache_creation_input_tokens');
  return { tokens, model, requestedModel: exact(line['requestedModel'], 100) ?? model };
}

/** Without the keys whose value is undefined: an absent fact is an absent key. */
function defined<T extends object>(value: { [Key in keyof T]: T[Key] | undefined }): T {
  const result: Partial<T> = {};
  for (const key in value) if (value[key] !== undefined) result[key] = value[key];
  return result as T;
}
