import { beginsTurn, type Entry, type Line } from './entry';
import { agentCalls, agentsOf, type AgentReport } from './agents';
import { readRange, type Piece, type TranscriptPlace } from './readRange';
import { UserError } from '../../../model/errors';
import { BackwardSplitter, ForwardSplitter } from './splitLines';

const firstPage = 256 * 1024;
const largestPage = 4 * 1024 * 1024;
/** So many of the last bytes that were read tell whether the file is still the same one. */
const proofBytes = 256;
/** What opening brings: so many turns, or as much as may be read for fewer. */
const turnsAtOnce = 10;

/**
 * A transcript, held from some line on to its end, and read as far back as somebody wants. What a line shows is clipped when
 * it is read, so that little is held of a large file.
 */
export class Conversation {
  /** In the order of the file, those that say something or have a place in its tree. */
  lines: Line[] = [];
  readonly agents = new Map<string, AgentReport>();
  /** Where the bytes that were read begin and end. */
  start = 0;
  /** About how long all of it will be, rendered. */
  characters = 0;
  private end = 0;
  /** The last bytes before `end`. */
  private proof: Buffer = Buffer.alloc(0);
  /** Whose sub-agents are not known yet, or still at work. */
  private unmet: Line[] = [];
  private readonly back = new BackwardSplitter();
  private readonly forward = new ForwardSplitter();

  private constructor(readonly place: TranscriptPlace) {}

  /** Its last turns. Throws as \`readRange\`. */
  static async atEnd(place: TranscriptPlace, signal?: AbortSignal): Promise<Conversation> {
    const conversation = new Conversation(place);
    await conversation.readEnd(signal);
    return conversation;
  }

  /** Bytes that lie before what was read. */
  get earlierBytes(): number {
    return this.start;
  }

  /** What of the lines is whole: from the first prompt on, where anything lies before. */
  get shown(): readonly Line[] {
    if (this.start === 0) return this.lines;
    const first = this.lines.findIndex(beginsTurn);
    return first < 0 ? this.lines : this.lines.slice(first);
  }

  /** How many turns are held whole. */
  get turns(): number {
    return this.lines.filter(beginsTurn).length;
  }

  /** The last so many turns of those that are held. */
  last(turns: number): readonly Line[] {
    const begins = this.lines.flatMap((line, at) => (beginsTurn(line) ? [at] : []));
    return turns < begins.length ? this.lines.slice(begins.at(-turns)) : this.shown;
  }

  /** A line that is just being written, or was cut. */
  get unfinished(): readonly Line[] {
    return this.forward.peek();
  }

  /** Reads another page before, with at least one turn where one lies within \`most\` bytes. */
  async earlier(signal?: AbortSignal, most = 2 * largestPage): Promise<void> {
    const until = Math.max(0, this.start - most);
    for (let page = 4 * firstPage; this.start > until; page = largestPage) {
      const found = await this.readBefore(Math.min(page, this.start), signal);
      if (found.some(beginsTurn)) return;
    }
  }

  /** Reads what was appended. False if the file is not what it was: then it has to be opened anew. */
  async catchUp(signal?: AbortSignal): Promise<boolean> {
    for (;;) {
      const piece = await readRange(this.place, this.end - this.proof.length, largestPage, signal);
      const known = this.end - piece.from;
      if (!piece.bytes.subarray(known - this.proof.length, known).equals(this.proof)) return false;
      const bytes = piece.bytes.subarray(known);
      this.append(this.forward.push(bytes));
      this.reached(piece);
      await this.meet(signal);
      if (bytes.length === 0 || this.end >= piece.size) return true;
    }
  }

  private async readEnd(signal?: AbortSignal): Promise<void> {
    const piece = await readRange(this.place, 'end', firstPage, signal);
    this.start = piece.from;
    this.reached(piece);
    const whole = piece.bytes.lastIndexOf(10) + 1;
    // Without any end of a line, who can tell where this one begins?
    const cut = whole === 0 && piece.from > 0 ? piece.bytes.length : whole;
    this.forward.push(piece.bytes.subarray(cut));
    this.prepend(this.back.push(piece.bytes.subarray(0, cut), piece.from === 0));
    await this.meet(signal);
    for (let page = firstPage; this.start > 0 && !this.isEnough(); page = Math.min(2 * page, largestPage))
      await this.readBefore(Math.min(page, this.start), signal);
  }

  private isEnough(): boolean {
    const read = this.end - this.start;
    return this.turns >= turnsAtOnce || (this.turns > 0 && read >= 4 * firstPage) || read >= largestPage;
  }

  private async readBefore(length: number, signal?: AbortSignal): Promise<Line[]> {
    const piece = await readRange(this.place, this.start - length, length, signal);
    const bytes = piece.bytes.subarray(0, this.start - piece.from);
    if (bytes.length < this.start - piece.from) throw changedMeanwhile(this.place);
    const lines = this.back.push(bytes, piece.from === 0);
    this.prepend(lines);
    this.start = piece.from;
    await this.meet(signal);
    return lines;
  }

  private reached({ from, bytes }: Piece): void {
    this.end = from + bytes.length;
    this.proof = Buffer.from(bytes.subarray(-proofBytes));
  }

  private prepend(lines: Line[]): void {
    const kept = lines.filter(matters);
    this.characters += charactersOf(kept);
    this.lines = [...kept, ...this.lines];
    this.unmet = [...kept.filter(startsAgent), ...this.unmet];
  }

  private append(lines: Line[]): void {
    const kept = lines.filter(matters);
    this.characters += charactersOf(kept);
    for (const line of kept) this.lines.push(line);
    this.unmet = [...this.unmet, ...kept.filter(startsAgent)];
  }

  /** Last of all: where this fails or is ended, what was read is held all the same, and it is tried again later. */
  private async meet(signal?: AbortSignal): Promise<void> {
    for (const [call, report] of await agentsOf(this.place, this.unmet, signal))
      this.agents.set(call, report);
    const answered = new Set(
      this.unmet.length > 0 ? this.lines.flatMap(({ entries }) => entries.flatMap(answeredCall)) : [],
    );
    const isOpen = (call: string): boolean => {
      const report = this.agents.get(call);
      return report ? report.finished === false : !answered.has(call);
    };
    this.unmet = this.unmet.filter((line) => agentCalls([line]).some(isOpen));
  }
}

const matters = ({ uuid, entries }: Line): boolean => uuid !== undefined || entries.length > 0;

const startsAgent = (line: Line): boolean => agentCalls([line]).length > 0;

const answeredCall = (entry: Entry): string[] => (entry.kind === 'result' ? [entry.id] : []);

/** About: what stands around the texts is counted as much for each. */
function charactersOf(lines: readonly Line[]): number {
  let sum = 0;
  for (const { entries } of lines)
    for (const entry of entries) {
      sum += 100;
      if ('text' in entry && typeof entry.text === 'object') sum += entry.text.text.length;
      if (entry.kind === 'call' && entry.input) sum += entry.input.text.length;
    }
  return sum;
}

const changedMeanwhile = ({ host }: TranscriptPlace): UserError =>
  new UserError(`The transcript on ${host.name} is not what it was.`, 'Open the conversation again.');
