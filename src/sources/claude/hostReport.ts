import type { Host } from '../../hosts/host';
import type { HostReport } from '../../model/session/transcript';
import type { Log } from '../../util/log';
import { ask } from './probe/ask';
import { readLive } from './probe/live';
import { behind, lookBudget, probe } from './probe/probe';
import type { Probe, ProbeOptions, Question } from './probe/probe';
import { aloneScript, lookScript, readScript } from './probe/probeScript';
import type { Section } from './probe/sections';
import { RequestIndex } from '../requests/requestIndex';
import { RunIndex } from '../runFiles/runIndex';
import { TraceIndex } from './traces/traceIndex';
import { takeLook } from './transcripts/listing';
import type { ListedFile, LookTaker } from './transcripts/listing';
import type { Range } from './transcripts/ranges';
import { TranscriptIndex } from './transcripts/transcriptIndex';

/** What Claude does without a setting. */
const defaultCleanupDays = 30;

export interface ClaudeSourceOptions {
  /** Claude's configuration directory there; default the account's own. `~/` is understood. */
  configDir?: string;
  log: Log;
  /** The newest so many transcripts are known. */
  limit?: number;
}

type Asked = { [Key in 'known' | 'looks' | 'also']?: ProbeOptions[Key] | undefined };

/** Claude on one host: what it wrote, and what of it is alive. Remembers the transcripts that it has read. */
export class ClaudeSource {
  private readonly index: TranscriptIndex;
  private readonly traces: TraceIndex;
  private readonly runs = new RunIndex();
  private readonly requests = new RequestIndex();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: Host,
    private readonly options: ClaudeSourceOptions,
  ) {
    this.index = new TranscriptIndex(options.limit);
    this.traces = new TraceIndex(host.settings.logs);
  }

  /**
   * One round trip, also where transcripts are new or have grown; one more where one or a folder went away or a folder is new, or for each 24 MB of what
   * is told of them, and on hosts without perl one or more for those that changed. Throws as `ask` does.
   */
  report(signal?: AbortSignal): Promise<HostReport> {
    // One at a time: two would read the same transcripts twice.
    const report = this.last.then(() => this.look(signal));
    this.last = report.catch(() => {});
    return report;
  }

  private async look(signal: AbortSignal | undefined): Promise<HostReport> {
    signal?.throwIfAborted();
    // To read what changed may take long, and what is alive was asked before.
    const at = Date.now();
    const also = behind(this.requests.question, behind(this.runs.question, this.traces.question));
    const found = await this.probe({ known: this.index.known, looks: this.index, also }, signal);
    await this.index.update(found.transcripts, {
      list: async () => (await this.probe({}, signal)).transcripts,
      look: (files, taker) => this.lookInto(files, taker, signal),
      read: (ranges) => this.read(ranges, signal),
    });
    const ask = (question: Question): Promise<Section[]> => this.ask(question, signal);
    await this.traces.take(found.others ?? [], ask);
    await this.runs.take(found.others ?? [], ask);
    this.requests.take(found.others ?? []);
    const { traces, kept } = this.traces;
    const { pidDomain, problems, ...live } = readLive(found);
    const transcripts = this.index.summaries;
    const unreadable = transcripts.filter(({ unread }) => unread).length;
    const { clock, home, configDir, tmuxVersion, panes, cleanupPeriodDays = defaultCleanupDays } = found;
    return {
      host: this.host.name,
      at,
      clock,
      home,
      configDir,
      cleanupPeriodDays,
      ...(pidDomain ? { pidDomain } : {}),
      ...(tmuxVersion ? { tmuxVersion } : {}),
      transcripts,
      traces,
      kept,
      runs: this.runs.readings,
      requests: this.requests.requests,
      panes,
      ...live,
      ...(found.registryUnread ? { registryUnread: true } : {}),
      problems: [
        ...found.problems,
        ...problems,
        ...this.traces.problems,
        ...this.runs.problems,
        ...this.requests.problems,
        ...(unreadable > 0 ? [`${unreadable} transcripts cannot be read`] : []),
        ...(transcripts.length >= this.index.limit
          ? [`only the newest ${this.index.limit} transcripts are shown`]
          : []),
      ],
    };
  }

  private probe({ known, looks, also }: Asked, signal: AbortSignal | undefined): Promise<Probe> {
    const { configDir } = this.options;
    return probe(this.host, {
      limit: this.index.limit,
      ...(known ? { known } : {}),
      ...(looks ? { looks } : {}),
      ...(also ? { also } : {}),
      ...(configDir ? { configDir } : {}),
      ...(signal ? { signal } : {}),
    });
  }

  /** A question that usually rides on the probe, by itself. */
  private async ask({ script, args }: Question, signal: AbortSignal | undefined): Promise<Section[]> {
    const sections: Section[] = [];
    await this.sections('more', aloneScript(script), args, signal, ({ name, args, body }) =>
      sections.push({ name, args, body: Buffer.from(body) }),
    );
    return sections;
  }

  private lookInto(files: ListedFile[], taker: LookTaker, signal: AbortSignal | undefined): Promise<void> {
    const args = [String(lookBudget), ...files.map(({ line }) => line)];
    return this.sections('transcripts', lookScript, args, signal, (section) => takeLook(section, taker));
  }

  private async read(ranges: Range[], signal: AbortSignal | undefined): Promise<Buffer[]> {
    const args = ranges.flatMap(({ path, skip, count }) => [path, String(skip), String(count)]);
    const bodies = new Map<string | undefined, Buffer>();
    await this.sections('transcripts', readScript, args, signal, ({ args, body }) =>
      bodies.set(args[0], Buffer.from(body)),
    );
    return ranges.map((_, i) => bodies.get(String(i)) ?? Buffer.alloc(0));
  }

  private async sections(
    subject: string,
    script: string,
    args: readonly string[],
    signal: AbortSignal | undefined,
    take: (section: Section) => void,
  ): Promise<void> {
    const started = Date.now();
    await ask(this.host, script, [this.options.configDir ?? '', ...args], { subject, signal }, take);
    this.options.log.debug(`${this.host.name}: asked for ${subject}, ${Date.now() - started} ms`);
  }
}
