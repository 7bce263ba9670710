import { groupBy } from '../../util/groupBy';
import type { HostReport, SessionTrace, TranscriptSummary } from '../session/transcript';

/** What a session came from and where it went on, as transcripts prove it. Binds nothing. */
export interface Lineage {
  /** An old Claude went on with that session under this one's id. */
  continues?: string;
  /** The reverse, where there is one such session only. */
  continuedBy?: string;
  /**
   * It begins with that session's lines. The very one that was copied where Claude notes it (`/branch`), else the one
   * in which those lines were written.
   */
  forkedFrom?: string;
  /** The same process held that session before `/clear`. */
  clearedFrom?: string;
}

/**
 * A copy keeps the times of its lines, so a head that is later by more than this (ms) than the first line tells a
 * copy. In an original they differ by some 30 ms (CLI 2.1.329).
 */
const promptlyMs = 5000;

/** Between `/clear` in Claude's history of prompts and the first line of the new session: 2 to 60 ms were seen. */
const clearMs = 2000;

/** The lineage of every session that has one, by id. A session that lies on two hosts, or twice on one, is one session. */
export function lineageOf(reports: readonly HostReport[]): Map<string, Lineage> {
  const found = new Map<string, Lineage>();
  const add = (id: string, lineage: Lineage): void => void found.set(id, { ...found.get(id), ...lineage });
  for (const family of families(reports)) for (const [id, lineage] of inFamily(family)) add(id, lineage);
  for (const report of reports)
    for (const transcript of report.transcripts) {
      if (!transcript.beginning?.cleared || found.get(transcript.id)?.forkedFrom) continue;
      const clearedFrom = heldBefore(transcript, report);
      if (clearedFrom !== undefined) add(transcript.id, { clearedFrom });
    }
  return found;
}

/** Sessions that begin with the same line, oldest first. */
function families(reports: readonly HostReport[]): TranscriptSummary[][] {
  const members = new Map<string, Map<string, TranscriptSummary>>();
  const alone = new Map<string, TranscriptSummary>();
  for (const { transcripts } of reports)
    for (const one of transcripts) {
      if (one.firstUuid === undefined || one.firstActivity === undefined) continue;
      const first = alone.get(one.firstUuid);
      if (!first) {
        alone.set(one.firstUuid, one);
        // Its original may be gone: what it says of itself is all there is.
        if (one.beginning?.copiedFrom ?? one.beginning?.startedAs)
          members.set(one.firstUuid, new Map([[one.id, one]]));
        continue;
      }
      const family = members.get(one.firstUuid) ?? new Map([[first.id, first]]);
      members.set(one.firstUuid, family);
      const twin = family.get(one.id);
      if (!twin || lastOf(one) > lastOf(twin)) family.set(one.id, one);
    }
  return [...members.values()].map((family) =>
    [...family.values()].sort((a, b) => firstOf(a) - firstOf(b) || lastOf(a) - lastOf(b)),
  );
}

function* inFamily(family: readonly TranscriptSummary[]): Generator<[id: string, lineage: Lineage]> {
  // Versions before 2 gave a session a new id at each resume, and its lines new times; forks keep the times.
  const generations = [...groupBy(family, firstOf).values()];
  const eldest = originalOf(generations[0] ?? []);
  const heirs: [parent: TranscriptSummary, child: TranscriptSummary][] = [];
  for (const generation of generations) {
    const original = originalOf(generation);
    for (const one of generation) {
      if (one !== original) {
        const forkedFrom = copiedFrom(one, original);
        if (forkedFrom !== undefined) yield [one.id, { forkedFrom }];
        continue;
      }
      const parent = family.findLast((other) => isContinued(other, one));
      if (parent) heirs.push([parent, one]);
      else if (generation !== generations[0] && eldest) yield [one.id, { forkedFrom: eldest.id }];
    }
  }
  const children = groupBy(heirs, ([parent]) => parent);
  for (const [parent, child] of heirs) {
    yield [child.id, { continues: parent.id }];
    // Resumed twice, it went on in two ways: which one is meant, nobody can say.
    if (children.get(parent)?.length === 1) yield [parent.id, { continuedBy: child.id }];
  }
}

/** The later one holds everything that is in the earlier one, which has been quiet since. */
const isContinued = (earlier: TranscriptSummary, later: TranscriptSummary): boolean =>
  earlier !== later &&
  firstOf(earlier) < firstOf(later) &&
  lastOf(earlier) <= firstOf(later) &&
  earlier.size <= later.size;

/** Of sessions whose first lines have one time: the one in which they were written, if that can be told. */
function originalOf(generation: readonly TranscriptSummary[]): TranscriptSummary | undefined {
  const proven = generation.filter((one) => (lateness(one) ?? Infinity) <= promptlyMs);
  const [first, second] = proven.toSorted((a, b) => lateness(a)! - lateness(b)!);
  if (first) return !second || lateness(first)! < lateness(second)! ? first : undefined;
  const untold = generation.filter((one) => lateness(one) === undefined);
  return untold.length === 1 ? untold[0] : undefined;
}

/** How much later the file was begun than its first line was written, in milliseconds, where its head tells. */
function lateness(one: TranscriptSummary): number | undefined {
  const { copiedFrom: noted, headAt } = one.beginning ?? {};
  if (noted !== undefined) return Infinity;
  return headAt === undefined ? undefined : Math.max(0, headAt - firstOf(one));
}

function copiedFrom(one: TranscriptSummary, original: TranscriptSummary | undefined): string | undefined {
  const { copiedFrom: noted, cleared, startedAs } = one.beginning ?? {};
  // After `/clear` a process writes on under the id that it was started with.
  return noted ?? original?.id ?? ((lateness(one) ?? 0) > promptlyMs && !cleared ? startedAs : undefined);
}

/** The session that was cleared: by the prompt that did it, else by the name that the process bears since its start. */
function heldBefore({ id, beginning, firstActivity, directories }: TranscriptSummary, report: HostReport) {
  const [directory] = directories;
  const isClearing = ({ sessionId, clearedAt, directory: where }: SessionTrace): boolean =>
    sessionId !== id &&
    clearedAt !== undefined &&
    firstActivity !== undefined &&
    Math.abs(clearedAt - firstActivity) <= clearMs &&
    (where === undefined || where === directory);
  const prompts = (report.traces ?? []).filter(isClearing);
  return prompts.length === 1 ? prompts[0]!.sessionId : beginning?.startedAs;
}

const firstOf = (one: TranscriptSummary): number => one.firstActivity ?? one.modifiedAt;
const lastOf = (one: TranscriptSummary): number => one.lastActivity ?? one.modifiedAt;
