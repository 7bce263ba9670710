import { clip } from '../../transcripts/lines';
import type { Entry, Line } from '../entry';

/** Turns that the conversation went back from. */
export interface LeftTurns {
  first: number;
  last: number;
  count: number;
}

/** How a line follows what stands before it in the file. */
export type Step =
  | { kind: 'on' }
  /** A copy of a line that was there already. */
  | { kind: 'seen' }
  /** A prompt that goes back behind the last ones (a rewind, or an edited prompt). */
  | { kind: 'back'; leaves: LeftTurns };

/** So many lines are remembered: branches lead further back only in the strangest of files. */
const memory = 50_000;

/**
 * Follows the tree of a conversation in the order of its file. Lines branch all the time (the results of calls made at
 * once hang on their own calls), so that only the turn in which a line hangs tells of another branch.
 */
export class Lineage {
  /** In which the last line hangs, counted from 1 where reading began. Two processes that write at once go to and fro. */
  turn = 0;
  private newest = 0;
  private readonly turnOf = new Map<string, number>();
  private readonly begun = new Map<number, string>();

  step({ uuid, parent, entries }: Line): Step {
    const [prompt] = entries.flatMap(promptOf);
    if (uuid !== undefined && this.turnOf.has(uuid)) return { kind: 'seen' };
    const parentTurn = parent === undefined ? undefined : this.turnOf.get(parent);
    const before = this.turn;
    if (prompt !== undefined) {
      this.turn = ++this.newest;
      this.begun.set(this.turn, prompt);
      if (this.begun.size > memory) this.begun.delete(this.begun.keys().next().value!);
    } else if (parentTurn !== undefined) this.turn = parentTurn;
    if (uuid !== undefined) this.remember(uuid);
    if (prompt !== undefined && parentTurn !== undefined && parentTurn < before)
      return { kind: 'back', leaves: { first: parentTurn + 1, last: before, count: before - parentTurn } };
    return { kind: 'on' };
  }

  /** The beginning of the prompt of the turn. */
  get prompt(): string {
    return this.begun.get(this.turn) ?? '';
  }

  private remember(uuid: string): void {
    this.turnOf.set(uuid, this.turn);
    if (this.turnOf.size > memory) this.turnOf.delete(this.turnOf.keys().next().value!);
  }
}

/** The beginning of a prompt or a command, which both begin a turn. */
function promptOf(entry: Entry): string[] {
  if (entry.kind === 'prompt') return [clip(entry.text.text, 80)];
  return entry.kind === 'command' ? [clip(entry.text, 80)] : [];
}
