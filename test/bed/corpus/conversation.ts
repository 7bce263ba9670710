import { seeded } from './random';
import type { Random } from './random';
import { bulk, prose } from './text';

/** What a conversation is, whatever file it ends up in: a fork says the same under another id. */
export interface Conversation {
  seed: number;
  directory: string;
  branch: string;
  /** Epoch ms. */
  startedAt: number;
  endedAt: number;
  /** Bytes to aim at. */
  size: number;
}

const models = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-opus-4-6', 'claude-haiku-5-5'] as const;
const versions = ['2.1.329', '2.1.240', '2.0.64'] as const;

/** Bytes that are written anew; what is larger repeats its middle, since nobody looks there. */
const freshSize = 192 * 1024;
/** Of what today's Claude writes before its first answer: prompts, skills, tools, requests. */
const preludeSize = 80 * 1024;
/** Of the snapshot that it writes after its first answer. */
const snapshotSize = 57 * 1024;

/** The parts of a transcript, to be written one after the other. */
export interface Script {
  head: string;
  /** Written `repeats` times. */
  middle: string;
  repeats: number;
  tail: string;
}

/**
 * A transcript as Claude 2.1 writes it: one line a block, each with its parent, answers with their usage, attachments
 * in bulk at the start, and after each turn the lines of which the last one counts.
 */
export function conversationLines(conversation: Conversation, sessionId: string): Script {
  return new Writer(conversation, sessionId).script();
}

/** What a session leaves in which nobody said a word. */
export function metadataOnly({ seed }: Conversation, sessionId: string): string {
  const title = prose(seeded(seed), 3);
  return [
    { type: 'custom-title', customTitle: title, sessionId },
    { type: 'agent-name', agentName: title, sessionId },
    { type: 'mode', mode: 'normal', sessionId },
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

class Writer {
  private readonly random: Random;
  private readonly interactive: boolean;
  private readonly version: string;
  private readonly model: string;
  private readonly title: string;
  private readonly renamed: boolean;
  private prompt: string;
  private parent: string | null = null;
  private context = 0;
  private lines: string[] = [];
  private written = 0;
  private at: number;

  constructor(
    private readonly conversation: Conversation,
    private readonly sessionId: string,
  ) {
    this.random = seeded(conversation.seed);
    this.at = conversation.startedAt;
    this.interactive = this.random.chance(0.6);
    this.version = this.random.pick(versions);
    this.model = this.random.pick(models);
    this.title = prose(this.random, 5);
    this.renamed = this.random.chance(0.1);
    this.prompt = this.ask();
  }

  script(): Script {
    const { size, endedAt } = this.conversation;
    // One answer and no more: the snapshot stands between it and the end.
    const single = size < 2 * (preludeSize + snapshotSize) && this.random.chance(0.12);
    this.opening(single ? preludeSize : Math.min(preludeSize, size * 0.55));
    if (single) {
      this.answer([{ type: 'text', text: prose(this.random, 40) }]);
      this.attachment('prompt_snapshot', snapshotSize);
      this.closing();
      return { head: this.take(), middle: '', repeats: 0, tail: '' };
    }
    const fresh = Math.min(size, freshSize);
    while (this.written < fresh / 2) this.turn();
    const head = this.take();
    const start = this.written;
    while (this.written < fresh - 4096) this.turn();
    const middle = this.take();
    const length = this.written - start;
    const repeats = length === 0 ? 0 : Math.max(1, Math.round((size - fresh) / length));
    this.at = endedAt - 60_000;
    this.turn();
    this.closing();
    return { head, middle, repeats, tail: this.take() };
  }

  private opening(size: number): void {
    const { directory } = this.conversation;
    if (!this.interactive) this.queue();
    this.person(this.prompt);
    const environment = { workingDirectory: directory, platform: 'linux', shell: '/bin/bash' };
    this.tree({ attachment: { type: 'environment', snapshot: environment }, type: 'attachment' });
    this.attachment('skill_listing', size * 0.18);
    this.attachment('prompt_snapshot', size * 0.1);
    this.request(size);
  }

  private request(size: number): void {
    const { sessionId } = this;
    const shape = { type: 'api-request-shape', sessionId, shapeHash: this.random.uuid() };
    this.raw(`${JSON.stringify(shape).slice(0, -1)},"shape":"${bulk(this.random, size * 0.48)}"}`);
    const blob = { type: 'api-request-blob', sessionId, hash: this.random.uuid() };
    this.raw(`${JSON.stringify(blob).slice(0, -1)},"message":"${bulk(this.random, size * 0.12)}"}`);
    const timestamp = this.now();
    const request = { type: 'api-request', sessionId, id: this.random.uuid(), timestamp, querySource: 'sdk' };
    this.json({ ...request, shapeHash: shape.shapeHash, messages: [blob.hash] });
  }

  /** A prompt, some calls of tools with what they brought, an answer, and the lines of which the last one counts. */
  private turn(): void {
    this.at += 20_000;
    if (this.context > 0) {
      this.prompt = this.ask();
      this.person(this.prompt);
    }
    for (let calls = this.random.below(6); calls > 0; calls--) {
      const id = `toolu_${this.random.uuid()}`;
      const input = { file_path: `${this.conversation.directory}/src/${prose(this.random, 1)}.ts` };
      this.answer([
        { type: 'thinking', thinking: prose(this.random, 30), signature: this.random.uuid() },
        { type: 'tool_use', id, name: 'Read', input },
      ]);
      this.toolResult(id, this.random.lognormal(2500, 1));
    }
    this.answer([{ type: 'text', text: prose(this.random, 60) }]);
    this.closing();
  }

  private closing(): void {
    const { sessionId, prompt, parent, title } = this;
    this.json({ type: 'last-prompt', lastPrompt: prompt, leafUuid: parent, sessionId });
    if (this.renamed) this.json({ type: 'custom-title', customTitle: `Renamed: ${title}`, sessionId });
    if (this.interactive) {
      this.json({ type: 'ai-title', aiTitle: title, sessionId });
      this.json({ type: 'mode', mode: 'normal', sessionId });
      this.json({ type: 'permission-mode', permissionMode: 'acceptEdits', sessionId });
    }
    const modelUsage = {
      [this.model]: { inputTokens: 9, outputTokens: this.written, contextWindow: 1_000_000 },
    };
    this.json({ type: 'cost-state', sessionId, totalCostUSD: 0.25, totalDuration: 2117, modelUsage });
  }

  private ask(): string {
    return `${prose(this.random, 4 + this.random.below(20))}${this.random.chance(0.1) ? ' – naïve ✓ 漢字' : ''}`;
  }

  private queue(): void {
    const line = {
      type: 'queue-operation',
      operation: 'enqueue',
      timestamp: this.now(),
      sessionId: this.sessionId,
    };
    this.json({ ...line, content: this.prompt });
    this.json({ ...line, operation: 'dequeue' });
  }

  private person(content: string): void {
    const source = this.interactive ? 'typed' : 'sdk';
    this.tree({ type: 'user', message: { role: 'user', content }, promptSource: source });
  }

  private toolResult(id: string, size: number): void {
    const content = `"content":[{"tool_use_id":"${id}","type":"tool_result","content":"${bulk(this.random, size)}"}]`;
    this.tree({ type: 'user', toolUseResult: { type: 'text' } }, `"message":{"role":"user",${content}},`);
  }

  /** One line a block, each with the usage of the whole answer. */
  private answer(blocks: object[]): void {
    this.context += 500 + this.random.below(3000);
    const usage = {
      input_tokens: 4,
      cache_creation_input_tokens: 500,
      cache_read_input_tokens: this.context,
      output_tokens: 200,
      service_tier: 'standard',
    };
    const message = {
      id: `msg_${this.random.uuid()}`,
      type: 'message',
      role: 'assistant',
      model: this.model,
    };
    for (const block of blocks) {
      const requestId = `req_${message.id.slice(4)}`;
      this.tree({ message: { ...message, content: [block], usage }, type: 'assistant', requestId });
    }
  }

  private attachment(type: string, size: number): void {
    this.tree(
      { type: 'attachment' },
      `"attachment":{"type":"${type}","content":"${bulk(this.random, size)}"},`,
    );
  }

  /** A line of the conversation's tree; `bulky` stands in it as it is. */
  private tree(fields: object, bulky = ''): void {
    const uuid = this.random.uuid();
    const { directory: cwd, branch: gitBranch } = this.conversation;
    const parent = JSON.stringify({ parentUuid: this.parent, isSidechain: false }).slice(0, -1);
    const place = {
      uuid,
      timestamp: this.now(),
      userType: 'external',
      entrypoint: this.interactive ? 'cli' : 'sdk-cli',
      cwd,
      sessionId: this.sessionId,
      version: this.version,
      gitBranch,
    };
    this.raw(`${parent},${bulky}${JSON.stringify({ ...fields, ...place }).slice(1)}`);
    this.parent = uuid;
  }

  private now(): string {
    this.at += 150;
    return new Date(Math.min(this.at, this.conversation.endedAt)).toISOString();
  }

  private json(line: object): void {
    this.raw(JSON.stringify(line));
  }

  private raw(line: string): void {
    this.lines.push(line, '\n');
    this.written += line.length + 1;
  }

  private take(): string {
    const text = this.lines.join('');
    this.lines = [];
    return text;
  }
}
