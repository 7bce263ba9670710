import { closeSync, mkdirSync, openSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { conversationLines, metadataOnly } from './corpus/conversation';
import type { Conversation } from './corpus/conversation';
import { seeded } from './corpus/random';
import type { Random } from './corpus/random';

export interface CorpusOptions {
  /** Transcripts. */
  count: number;
  /** Equal seeds and times give equal bytes. */
  seed?: number;
  /** Epoch ms: the transcripts end within the 30 days before it. */
  now?: number;
  /** Bytes of a transcript: half are smaller. */
  median?: number;
  /** Bytes of the largest. */
  largest?: number;
  /** How many issues the branches name: `task/PAY-1-analysis` and on. */
  tasks?: number;
}

/** What became of a transcript. A fork says what an earlier one says, under its own id. */
export type TranscriptKind = 'whole' | 'fork' | 'metadataOnly' | 'cut' | 'nulTail' | 'corrupt' | 'empty';

export interface CorpusTranscript {
  id: string;
  /** Absolute. */
  file: string;
  kind: TranscriptKind;
  size: number;
  directory: string;
  branch: string;
  /** Of a fork: the other's id. */
  forkedFrom?: string;
}

export interface Corpus {
  transcripts: CorpusTranscript[];
  folders: number;
  bytes: number;
}

const day = 24 * 3600_000;

/** Of a thousand transcripts; the rest is whole. */
const oddities: readonly [TranscriptKind, number][] = [
  ['fork', 20],
  ['metadataOnly', 10],
  ['cut', 10],
  ['nulTail', 4],
  ['corrupt', 4],
  ['empty', 4],
];

/**
 * Fills a Claude configuration directory with transcripts as real ones are: sizes lognormal from a few KB to some tens
 * of MB, in about 3 folders for 10 of them, some with side files, some broken. 10,000 of them take about 3 GB.
 */
export function writeCorpus(directory: string, options: CorpusOptions): Corpus {
  const { count, seed = 1, now = Date.now(), tasks = 200 } = options;
  const random = seeded(seed);
  const folders = Math.max(1, Math.round(count * 0.3));
  const places = Array.from({ length: folders }, (_, i) => makePlace(random, directory, i, tasks));
  const corpus: Corpus = { transcripts: [], folders, bytes: 0 };
  const originals: { id: string; conversation: Conversation; folder: string }[] = [];
  for (let i = 0; i < count; i++) {
    // Each folder has one; then most go where most are.
    const place = places[i < folders ? i : Math.floor(folders * random.next() ** 3)]!;
    const kind = i < 10 ? 'whole' : kindOf(random);
    const original = kind === 'fork' ? originals[random.below(originals.length)]! : undefined;
    const id = random.uuid();
    const folder = original?.folder ?? place.folder;
    const endedAt = Math.round(now - random.next() * 30 * day);
    const conversation = original?.conversation ?? {
      seed: random.below(2 ** 32),
      directory: place.directory,
      branch: place.branch,
      startedAt: endedAt - Math.round(random.next() * day),
      endedAt,
      size: sizeOf(random, options),
    };
    const file = join(folder, `${id}.jsonl`);
    const size = writeTranscript(file, kind, conversation, id);
    const at = Math.max(conversation.endedAt, original ? conversation.endedAt + 60_000 : 0) / 1000;
    utimesSync(file, at, at);
    if (kind === 'whole') {
      originals.push({ id, conversation, folder });
      if (random.chance(0.06)) writeSideFiles(random, folder, id);
    }
    const { directory: cwd, branch } = conversation;
    const forked = original ? { forkedFrom: original.id } : {};
    corpus.transcripts.push({ id, file, kind, size, directory: cwd, branch, ...forked });
    corpus.bytes += size;
  }
  return corpus;
}

interface Place {
  /** Where the conversations were held; does not exist here. */
  directory: string;
  branch: string;
  /** Where Claude keeps them. */
  folder: string;
}

function makePlace(random: Random, base: string, index: number, tasks: number): Place {
  const key = `PAY-${1 + random.below(tasks)}`;
  const project = `${random.pick(['billing', 'portal', 'customs', 'platform'])}_${index}`;
  const worktree = random.chance(0.3);
  const directory = worktree ? `/srv/${project}.worktrees/${key}` : `/srv/${project}`;
  const folder = join(base, 'projects', directory.replace(/[^A-Za-z0-9]/g, '-'));
  mkdirSync(folder, { recursive: true });
  const branch = worktree
    ? `task/${key}-analysis`
    : random.pick(['main', 'develop', `feature/${key}-again`, 'HEAD']);
  return { directory, branch, folder };
}

function kindOf(random: Random): TranscriptKind {
  let drawn = random.below(1000);
  for (const [kind, share] of oddities) {
    if (drawn < share) return kind;
    drawn -= share;
  }
  return 'whole';
}

function sizeOf(random: Random, { median = 80 * 1024, largest = 48 * 1024 * 1024 }: CorpusOptions): number {
  return Math.round(Math.min(largest, Math.max(6 * 1024, random.lognormal(median, 1.6))));
}

/** Returns its size in bytes. */
function writeTranscript(file: string, kind: TranscriptKind, conversation: Conversation, id: string): number {
  const out = openSync(file, 'w', 0o600);
  let size = 0;
  const put = (bytes: Buffer): void => void (size += writeSync(out, bytes));
  try {
    if (kind === 'empty') return 0;
    if (kind === 'metadataOnly') {
      put(Buffer.from(metadataOnly(conversation, id)));
      return size;
    }
    const { head, middle, repeats, tail } = conversationLines(conversation, id);
    put(Buffer.from(kind === 'corrupt' ? corrupted(head) : head));
    const block = Buffer.from(middle);
    for (let i = 0; i < repeats; i++) put(block);
    put(Buffer.from(tail));
    if (kind === 'nulTail') put(Buffer.alloc(512));
  } finally {
    closeSync(out);
  }
  if (kind === 'cut') truncateSync(file, (size -= 200));
  return size;
}

/** With a line that is none after the first. */
const corrupted = (text: string): string => text.replace('\n', '\n{"type":"assistant","mess\0age":\n');

function writeSideFiles(random: Random, folder: string, id: string): void {
  const beside = join(folder, id);
  mkdirSync(join(beside, 'subagents'), { recursive: true });
  const agent = random.uuid().slice(0, 8);
  const line = { isSidechain: true, agentId: agent, type: 'user', sessionId: id, uuid: random.uuid() };
  writeFileSync(join(beside, 'subagents', `agent-${agent}.jsonl`), `${JSON.stringify(line)}\n`);
  if (random.chance(0.5))
    writeFileSync(join(beside, 'custom-title.json'), JSON.stringify({ customTitle: 'Renamed by hand' }));
}
