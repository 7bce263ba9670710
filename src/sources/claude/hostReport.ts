import type { Host } from '../../hosts/host';
import type { HostReport } from '../../model/session/transcript';
import type { Log } from '../../util/log';
import { UserError } from '../../model/errors';
import { readLive } from './probe/live';
import { probe } from './probe/probe';
import type { Probe, ProbeOptions, Question } from './probe/probe';
import { findBase, readScript } from './probe/probeScript';
import { newNonce, parseSections } from './probe/sections';
import type { Section } from './probe/sections';
import { TraceIndex } from './traces/traceIndex';
import { TranscriptIndex } from './transcripts/transcriptIndex';
import type { Range } from './transcripts/transcriptIndex';

/** What Claude does without a setting. */
const defaultCleanupDays = 30;

export interface ClaudeSourceOptions {
  /** Claude's configuration directory there; default the account's own. `~/` is understood. */
  configDir?: string;
  log: Log;
  /** The newest so many transcripts are known. */
  limit?: number;
}

/** Claude on one host: what it wrote, and what of it is alive. Remembers the transcripts that it has read. */
export class ClaudeSource {
  private readonly index: TranscriptIndex;
  private readonly traces: TraceIndex;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: Host,
    private readonly options: ClaudeSourceOptions,
  ) {
    this.index = new TranscriptIndex(options.limit);
    this.traces = new TraceIndex(host.settings.logs);
  }

  /**
   * One round trip where nothing has changed, one more for the ends of new and grown transcripts; only when a
   * transcript went away, or holds a fact far inside, yet another. Throws `HostError` as the host does.
   */
  report(signal?: AbortSignal): Promise<HostReport> {
    // One at a time: two would read the same transcripts twice.
    const report = this.last.then(() => this.look(signal));
    this.last = report.catch(() => {});
    return report;
  }

  private async look(signal: AbortSignal | undefined): Promise<HostReport> {
    signal?.throwIfAborted();
    const { known } = this.index;
    const also = this.traces.question;
    const found = await this.probe(known ? { known, also } : { also }, signal);
    const unreadable = await this.index.update(found.transcripts, {
      list: async () => (await this.probe({}, signal)).transcripts,
      read: (ranges) => this.read(ranges, signal),
    });
    await this.traces.take(found.others ?? [], (question) => this.ask(question, signal));
    const { traces, kept } = this.traces;
    const { pidDomain, problems, ...live } = readLive(found);
    const transcripts = this.index.summaries;
    const { clock, home, configDir, tmuxVersion, panes, cleanupPeriodDays = defaultCleanupDays } = found;
    return {
      host: this.host.name,
      at: Date.now(),
      clock,
      home,
      configDir,
      cleanupPeriodDays,
      ...(pidDomain ? { pidDomain } : {}),
      ...(tmuxVersion ? { tmuxVersion } : {}),
      transcripts,
      traces,
      kept,
      panes,
      ...live,
      ...(found.registryUnread ? { registryUnread: true } : {}),
      problems: [
        ...found.problems,
        ...problems,
        ...this.traces.problems,
        ...(unreadable > 0 ? [`${unreadable} transcripts cannot be read`] : []),
        ...(transcripts.length >= this.index.limit
          ? [`only the newest ${this.index.limit} transcripts are shown`]
          : []),
      ],
    };
  }

  private probe(
    options: Pick<ProbeOptions, 'known' | 'also'>,
    signal: AbortSignal | undefined,
  ): Promise<Probe> {
    const { configDir } = this.options;
    return probe(this.host, {
      ...options,
      limit: this.index.limit,
      ...(configDir ? { configDir } : {}),
      ...(signal ? { signal } : {}),
    });
  }

  /** A question that usually rides on the probe, by itself. */
  private async ask({ script, args }: Question, signal: AbortSignal | undefined): Promise<Section[]> {
    const nonce = newNonce();
    const body = `nonce=$1\nmark() { printf '\\n%s %s\\n' "$nonce" "$*"; }\n${findBase}\nshift 2\n${script}\nmark end\n`;
    const { stdout } = await this.host.script(body, [nonce, this.options.configDir ?? '', ...args], {
      timeoutMs: 60_000,
      ...(signal ? { signal } : {}),
    });
    const sections = parseSections(stdout, nonce);
    if (!sections)
      throw new UserError(`${this.host.name} gave half an answer when asked for runs.`, 'Try again.');
    return sections;
  }

  private async read(ranges: Range[], signal: AbortSignal | undefined): Promise<Buffer[]> {
    const nonce = newNonce();
    const args = ranges.flatMap(({ path, skip, count }) => [path, String(skip), String(count)]);
    const started = Date.now();
    const { stdout } = await this.host.script(readScript, [nonce, this.options.configDir ?? '', ...args], {
      timeoutMs: 60_000,
      ...(signal ? { signal } : {}),
    });
    const sections = parseSections(stdout, nonce);
    if (!sections)
      throw new UserError(`${this.host.name} gave half an answer when asked for transcripts.`, 'Try again.');
    this.options.log.debug(
      `${this.host.name}: read ${ranges.length} pieces of transcripts, ${stdout.length} bytes, ${Date.now() - started} ms`,
    );
    const bodies = new Map(sections.map(({ args, body }) => [args[0], body]));
    return ranges.map((_, i) => bodies.get(String(i)) ?? Buffer.alloc(0));
  }
}
