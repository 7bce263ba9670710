import { escapeInline, inlineCode } from '../../../../util/markdownText';
import type { AgentReport } from '../agents';
import { block, item, more, quote, timeOfDay, when, type Block } from './block';
import { callBlock, planBlocks, questionBlock } from './callBlock';
import { beginsTurn, type Entry, type Line } from '../entry';
import { Lineage, type LeftTurns } from './lineage';
import { safeMarkdown } from './markdown';

type Call = Extract<Entry, { kind: 'call' | 'question' }>;

/** Turns a conversation, line by line in the order of the file, into blocks of safe Markdown. */
export class ConversationWriter {
  private readonly lineage = new Lineage();
  /** Calls whose result has not come yet. */
  private readonly waiting = new Map<string, Call>();
  private speaker: string | undefined;
  private shownTurn = 0;

  constructor(private readonly agents: ReadonlyMap<string, AgentReport>) {}

  push(line: Line): Block[] {
    const step = this.lineage.step(line);
    if (step.kind === 'seen') return [];
    const isAside = this.lineage.turn !== this.shownTurn && !beginsTurn(line);
    const speaker = this.speaker;
    if (isAside) this.speaker = undefined;
    const blocks = line.entries.flatMap((entry) => this.entry(entry, line));
    if (blocks.length === 0) {
      this.speaker = this.speaker ?? speaker;
      return [];
    }
    this.shownTurn = this.lineage.turn;
    if (isAside) return [block(`*What follows answers “${escapeInline(this.lineage.prompt)}”.*`), ...blocks];
    return step.kind === 'back' ? [wentBack(step.leaves), ...blocks] : blocks;
  }

  /** What stands at the end as things are: calls that still wait for their result. */
  unfinished(): Block[] {
    return [...this.waiting.values()].map((call) => this.callBlock(call, undefined));
  }

  private entry(entry: Entry, line: Line): Block[] {
    switch (entry.kind) {
      case 'call':
      case 'question':
        // Two calls without an id would hide each other.
        if (entry.id === '') return this.said(line, [this.callBlock(entry, undefined)]);
        this.waiting.set(entry.id, entry);
        return this.said(line, []);
      case 'result': {
        const call = this.waiting.get(entry.id);
        this.waiting.delete(entry.id);
        return this.said(line, [this.callBlock(call, entry)]);
      }
      case 'prompt': {
        this.speaker = 'person';
        const told = entry.queued ? 'You, while Claude was at work' : 'You';
        const attached = entry.attached.map((name) => `*Attached: ${escapeInline(name)}*`);
        const text = [safeMarkdown(entry.text.text, 2, true), more(entry.text), ...attached];
        return [
          ...this.flush(),
          { ...block(`## ${told}${at(line)}\n\n${quote(text)}`), turn: this.lineage.turn },
        ];
      }
      case 'command': {
        this.speaker = 'person';
        const heading = `## You${at(line)}\n\n> ${inlineCode(entry.text.slice(0, 2000))}`;
        return [...this.flush(), { ...block(heading), turn: this.lineage.turn }];
      }
      case 'output':
        return entry.text.text.trim() === '' ? [] : [item('Output', [entry.text])];
      case 'answer':
        return this.said(line, [
          ...this.flush(),
          block([safeMarkdown(entry.text.text, 3), more(entry.text)].filter(Boolean).join('\n\n')),
        ]);
      case 'thinking':
        return this.said(line, [item('*Thinking*', [entry.text])]);
      case 'plan':
        return this.said(line, [...this.flush(), ...planBlocks(entry)]);
      case 'error':
        return this.said(line, [...this.flush(), item('**Error**', [entry.text])]);
      case 'retry': {
        const count = entry.of === undefined ? `${entry.attempt}` : `${entry.attempt} of ${entry.of}`;
        return [block(`- *Retry ${count}: ${escapeInline(entry.text)}*`)];
      }
      case 'interrupted':
        return [...this.flush(), block('*Interrupted.*')];
      case 'compaction':
        return [...this.flush(), block(`___\n\n**${compactionText(entry)}**`)];
      case 'summary':
        return [item('*What Claude goes on with*', [entry.text])];
      case 'note':
        return [block(`- *${escapeInline(entry.text)}*`)];
      case 'unknown':
        return [block(`(unknown entry "${escapeInline(entry.type)}")`)];
      case 'omitted':
        return [item(`*(${(entry.bytes / 1e6).toFixed(1)} MB left out)*`, entry.text ? [entry.text] : [])];
      case 'damaged':
        return [block('*(A line that cannot be read.)*')];
    }
  }

  /** Under a heading that says which model speaks, where that is not clear. */
  private said(line: Line, blocks: Block[]): Block[] {
    const model = line.model ?? (this.speaker === 'person' ? undefined : this.speaker);
    if (line.entries.every(({ kind }) => kind === 'result')) return blocks;
    if (this.speaker !== undefined && this.speaker !== 'person' && (model ?? '') === this.speaker)
      return blocks;
    this.speaker = model ?? '';
    const flushed = this.flush(line);
    const name = model ? ` · ${escapeInline(model)}` : '';
    const time = line.at === undefined ? '' : ` · ${timeOfDay(line.at)}`;
    return [...flushed, block(`### Claude${name}${time}`), ...blocks];
  }

  /** Nothing more will come of these calls. */
  private flush(except?: Line): Block[] {
    const own = new Set(except?.entries.flatMap((entry) => ('id' in entry ? [entry.id] : [])));
    const left = [...this.waiting.values()].filter(({ id }) => !own.has(id));
    for (const { id } of left) this.waiting.delete(id);
    return left.map((call) => this.callBlock(call, undefined));
  }

  private callBlock(call: Call | undefined, result: Extract<Entry, { kind: 'result' }> | undefined): Block {
    if (call?.kind === 'question') return questionBlock(call, result);
    return callBlock(call, result, call && this.agents.get(call.id));
  }
}

const at = (line: Line): string => (line.at === undefined ? '' : ` · ${when(line.at)}`);

function wentBack(leaves: LeftTurns): Block {
  const what = leaves.count === 1 ? 'the turn above is' : `the ${leaves.count} turns above are`;
  return { ...block(`*Went back: ${what} no part of the conversation any more.*`), leaves };
}

function compactionText({ trigger, before, after }: Extract<Entry, { kind: 'compaction' }>): string {
  const how = trigger === undefined ? '' : ` (${escapeInline(trigger)})`;
  const tokens = (count: number): string => count.toLocaleString('en-US');
  const sizes =
    before === undefined
      ? ''
      : `: ${tokens(before)}${after === undefined ? '' : ` → ${tokens(after)}`} tokens`;
  return `Context compacted${how}${sizes}`;
}
