import { parseSessionId } from '../../../model/names';
import type { KeptTranscript, SessionTrace } from '../../../model/session/transcript';
import type { Question } from '../probe/probe';
import type { Section } from '../probe/sections';
import { PromptHistory } from './readHistory';
import { readJob } from './readJob';
import { endIsCut, readLog } from './readLog';
import type { LogEnds } from './readLog';
import { firstLook, listedOfKind, rereadScript, traceScript } from './traceScript';

interface ListedTrace {
  /** As the host wrote it, one character a byte: what digests and order are made of. */
  line: string;
  kind: 'log' | 'job' | 'history' | 'kept';
  path: string;
  size: number;
  /** Epoch seconds. */
  time: number;
}

interface Entry extends ListedTrace {
  /** Undefined until read. */
  traces?: SessionTrace[];
}

/** A long last line is looked for once more in so many bytes. */
const secondTail = 256 * 1024;
const filesAtOnce = 64;

/**
 * What else names the sessions of one host (`SessionTrace`), and the copies that we keep there. Rides on the probe's
 * round trip; a file is read again only when its size or time has changed, the prompt history only where it grew.
 *
 * `claude agents --json` is not asked: all that it tells stands in the live registry and in the states of the jobs, and
 * it takes 175 ms and 125 MB a call. The doctor compares.
 */
export class TraceIndex {
  private entries = new Map<string, Entry>();
  private history = new PromptHistory();
  private digest = '';
  traces: readonly SessionTrace[] = [];
  kept: readonly KeptTranscript[] = [];
  problems: readonly string[] = [];

  /** `logs`: globs of the host's settings. */
  constructor(private readonly logs: readonly string[]) {}

  /** To be asked behind the probe. */
  get question(): Question {
    return this.ask(this.digest);
  }

  private ask(digest: string): Question {
    const newest = digest ? Math.max(0, ...[...this.entries.values()].map(({ time }) => time)) : 0;
    const { inode, offset } = this.history;
    const globs = this.logs.filter((glob) => !/\p{Cc}/u.test(glob));
    return { script: traceScript, args: [digest, String(newest), inode, String(offset), ...globs] };
  }

  /** Takes in the answer; `ask` asks further, where more has changed than one answer brings. */
  async take(sections: readonly Section[], ask: (question: Question) => Promise<Section[]>): Promise<void> {
    let answer = listing(sections);
    if (!answer || answer.digest === this.digest) return;
    let reads = sections;
    if (!this.merge(answer)) {
      // Something went away or came with an old time: no list of what is new can tell.
      reads = await ask(this.ask(''));
      answer = listing(reads);
      if (!answer) return;
      this.merge(answer, true);
    }
    this.read(answer.files, reads);
    await this.readMissing(ask);
    // Only now: where that failed, the next answer brings the list again.
    this.digest = answer.digest;
    this.publish();
  }

  /** False if the result is not what the host has. */
  private merge({ digest, files }: Listing, whole = this.digest === ''): boolean {
    const known = whole ? [] : [...this.entries.values()];
    const all = new Map([...known, ...files].map((file) => [file.path, file]));
    const counts = { log: 0, job: 0, history: 0, kept: 0 };
    const newest = [...all.values()]
      .sort((a, b) => b.time - a.time || (a.line < b.line ? -1 : 1))
      .filter(({ kind }) => ++counts[kind] <= listedOfKind[kind]);
    if (!whole && digestOf(newest) !== digest) return false;
    const before = this.entries;
    this.entries = new Map(
      newest.map((file) => {
        const entry = before.get(file.path);
        return [file.path, entry?.line === file.line ? entry : file];
      }),
    );
    return true;
  }

  /** Takes what was read in the same answer as the list. */
  private read(files: readonly ListedTrace[], sections: readonly Section[]): void {
    for (const { name, args, body } of sections)
      if (name === 'history') this.history.take(args[0] ?? '', Number(args[1]), body);
    this.readInto(files, sections);
  }

  private readInto(files: readonly ListedTrace[], sections: readonly Section[], last = false): void {
    const heads = new Map<string, Buffer>();
    const found = (number: string | undefined): Entry | undefined =>
      this.entries.get(files[Number(number)]?.path ?? '');
    for (const { name, args, body } of sections) {
      const entry = found(args[0]);
      if (!entry) continue;
      const at = entry.time * 1000;
      if (name === 'head') heads.set(args[0]!, body);
      else if (name === 'job') entry.traces = readJob(entry.path, at, body.toString('utf8'));
      else if (name === 'whole' || name === 'tail') {
        const head = heads.get(args[0]!);
        const ends: LogEnds = name === 'tail' && head ? { head, tail: body } : { head: body };
        if (last || !endIsCut(ends)) entry.traces = readLog(entry.path, at, ends);
      }
    }
  }

  private async readMissing(ask: (question: Question) => Promise<Section[]>): Promise<void> {
    const missing = [...this.entries.values()].filter(
      ({ kind, traces }) => traces === undefined && (kind === 'log' || kind === 'job'),
    );
    while (missing.length > 0) {
      const files = missing.splice(0, filesAtOnce);
      const args = files.flatMap(({ kind, path, size }) => [
        kind,
        path,
        String(size),
        String(firstLook.head),
        String(secondTail),
      ]);
      this.readInto(files, await ask({ script: rereadScript, args }), true);
      // Gone or locked: nothing is known of it until it changes.
      for (const file of files) file.traces ??= [];
    }
  }

  private publish(): void {
    const entries = [...this.entries.values()];
    if (!entries.some(({ kind }) => kind === 'history')) this.history = new PromptHistory();
    this.traces = [...entries.flatMap(({ traces }) => traces ?? []), ...this.history.traces.reverse()];
    this.kept = entries.flatMap(readKept);
    this.problems = cuts.flatMap(([kind, what]) =>
      entries.filter((entry) => entry.kind === kind).length >= listedOfKind[kind]
        ? [`only the newest ${listedOfKind[kind]} ${what}`]
        : [],
    );
  }
}

/** What is told where there may be more files of a kind than are listed. */
const cuts = [
  ['log', 'logs of runs are read'],
  ['job', 'background jobs are read'],
  ['kept', 'kept copies are listed'],
] as const;

interface Listing {
  digest: string;
  files: ListedTrace[];
}

function listing(sections: readonly Section[]): Listing | undefined {
  const section = sections.find(({ name }) => name === 'traces');
  if (!section) return undefined;
  const [digest = '', ...lines] = section.body.toString('latin1').trimEnd().split('\n');
  // Every line keeps its place: what was read of it is headed by its number.
  return { digest, files: lines.map(readListed) };
}

function readListed(line: string): ListedTrace {
  const [kind = '', time, size] = line.split(' ', 3);
  const path = /^(?:\S+ ){4}(.*)$/.exec(line)?.[1] ?? '';
  return {
    line,
    kind: kind === 'job' || kind === 'history' || kind === 'kept' ? kind : 'log',
    path: Buffer.from(path, 'latin1').toString('utf8'),
    size: Number(size) || 0,
    time: Number(time) || 0,
  };
}

/** As the host computes it. */
function digestOf(files: readonly ListedTrace[]): string {
  const sum = (of: (file: ListedTrace) => number): number => files.reduce((all, file) => all + of(file), 0);
  return [
    files.length,
    sum(({ size }) => size),
    sum(({ time }) => time),
    sum(({ line }) => line.length),
  ].join(':');
}

function readKept({ kind, path, size, time }: Entry): KeptTranscript[] {
  const [folder, name] = path.split('/').slice(-2);
  const sessionId = kind === 'kept' ? parseSessionId(name?.replace(/\.jsonl$/, '') ?? '') : undefined;
  if (!sessionId || !/^[A-Za-z0-9-]+$/.test(folder ?? '')) return [];
  return [{ sessionId, path: `${folder}/${name}`, size, modifiedAt: time * 1000 }];
}
