import type { RunReading } from '../../model/run/run';
import type { Question } from '../claude/probe/probe';
import type { Section } from '../claude/probe/sections';
import { parseAnswer, type RunAnswer, type ToldRun } from './parse';
import { runScript, runsListed } from './runScript';

/** An answer brings some megabytes of runs; more of them than that nobody has. */
const mostAnswers = 20;

/**
 * The runs of one host, look after look. Rides on the probe's round trip; a run is told again only when one of its files
 * or its life has changed, and is the same object until then.
 */
export class RunIndex {
  private known = new Map<string, ToldRun>();
  /** Newest first. */
  readings: readonly RunReading[] = [];
  problems: readonly string[] = [];

  /** To be asked behind the probe. */
  get question(): Question {
    const words = [...this.known.values()].map(
      ({ id, digest, life }) => `${id.slice(0, 8)}:${digest}:${life}`,
    );
    return { script: runScript, args: [words.join(' '), ''] };
  }

  /** Takes in the answer; `ask` asks further, where more is new than one answer brings. */
  async take(sections: readonly Section[], ask: (question: Question) => Promise<Section[]>): Promise<void> {
    let answer = parseAnswer(sections);
    this.merge(answer);
    for (let count = 1; answer?.more && count < mostAnswers; count++) {
      answer = parseAnswer(await ask(this.question));
      this.merge(answer);
    }
  }

  private merge(answer: RunAnswer | undefined): void {
    const isChanged = answer ? answer.runs.length > 0 || answer.gone.length > 0 : this.known.size > 0;
    if (!answer) this.known.clear();
    for (const first of answer?.gone ?? [])
      for (const id of [...this.known.keys()].filter((one) => one.startsWith(first))) this.known.delete(id);
    for (const run of answer?.runs ?? []) this.known.set(run.id, run);
    const all = [...this.known.values()];
    if (isChanged)
      this.readings = all
        .flatMap(({ reading }) => reading ?? [])
        .sort((a, b) => b.order.createdAt - a.order.createdAt || (a.order.id < b.order.id ? -1 : 1));
    const unreadable = all.length - this.readings.length;
    this.problems = [
      ...(unreadable > 0 ? [`${unreadable} runs cannot be read`] : []),
      ...((answer?.count ?? 0) > runsListed ? [`only the newest ${runsListed} runs are listed`] : []),
    ];
  }
}
