import type { Host } from '../../../hosts/host';
import { TmuxPane } from '../../../hosts/terminals/pane';
import { typed } from '../../../hosts/terminals/words';
import { UserError } from '../../../model/errors';
import { liveRunOf } from '../../../model/run/standing';
import { sessionState } from '../../../model/session/liveness';
import type { Session } from '../../../model/session/session';
import type { HostReport } from '../../../model/session/transcript';
import type { Task } from '../../../model/task/task';
import type { ReportSource, SnapshotStore } from '../../store';
import type { TerminalActions } from '../../terminals';
import { latest, lifeOf, type Life } from '../resume/life';
import type { OpenTerminal, ResumePlan } from '../resume/plan';
import type { Sessions } from '../sessions';
import { refused, type Asked, type Refused } from './asked';
import { takeFloor } from './floor';
import { draftOn } from './promptLine';
import { rest, speak, type Mouth } from './speaking';
import { Turns } from '../../../util/turns';

export interface AskingOptions {
  sessions: Pick<Sessions, 'plan' | 'start' | 'watch'>;
  hosts: readonly Host[];
  reports: readonly ReportSource[];
  terminals: Pick<TerminalActions, 'on' | 'supervised'>;
  store: Pick<SnapshotStore, 'snapshot'>;
}

export interface AskOptions {
  task?: Task | undefined;
  signal?: AbortSignal | undefined;
  /** One line for people. */
  onProgress?: ((line: string) => void) | undefined;
  /** How long to wait for a Claude that is at work; milliseconds, default two minutes. */
  patienceMs?: number;
}

/** Characters of one question, with what it quotes. */
export const longestQuestion = 30_000;
const patienceMs = 120_000;
/** How long to wait for a prompt of one that does not work: a dialog may hold it up. */
const startMs = 20_000;
const everyMs = 700;
/** How often to look again where somebody else was faster. */
const mostTries = 5;

/**
 * Brings words into exactly one conversation: typed into the terminal where it lives, or into the one in which it is
 * resumed. Never on a command line, which others of the machine could read and a program might expand; and never while
 * a dialog stands on its screen, which keys would answer.
 */
export class Asking {
  /** What two paste at once, one Enter would send as one question. */
  private readonly turns = new Turns();

  constructor(private readonly options: AskingOptions) {}

  /** Throws UserError where the text cannot be asked at all, and as resuming does. */
  async ask(session: Session, text: string, options: AskOptions = {}): Promise<Asked> {
    const question = typed(text).trim();
    if (question === '') throw new UserError('There is nothing to ask.', 'Write a question first.');
    if (question.length > longestQuestion)
      throw new UserError(
        `The question has ${question.length} characters; ${longestQuestion} are possible.`,
        'Shorten it, or quote fewer lines.',
      );
    if (liveRunOf(this.options.store.snapshot, session))
      return refused(
        'A run works in this session by itself, and reads nothing in between.',
        'Ask when it has ended, or stop it and take over.',
        ['fork', 'retry'],
      );
    const step = (): Promise<Asked> => this.inTurn(session, question, options);
    return this.turns.next(`${session.host} ${session.id}`, step, options.signal);
  }

  private async inTurn(session: Session, question: string, options: AskOptions): Promise<Asked> {
    const { task, signal, onProgress } = options;
    const plan = await this.options.sessions.plan(session, {
      ...(task && { task }),
      ...(signal && { signal }),
      onCheck: ({ detail }) => onProgress?.(detail),
    });
    if (plan.kind === 'refused') return refused(plan.reason, plan.next, plan.waysOut);
    if (plan.kind === 'attach') return this.deliver(session, question, plan.open, false, options);
    return this.resumed(plan, question, options);
  }

  private async resumed(
    plan: Extract<ResumePlan, { kind: 'start' }>,
    question: string,
    options: AskOptions,
  ): Promise<Asked> {
    const { sessions } = this.options;
    const { session } = plan;
    if (plan.open.mortal !== undefined)
      return refused(
        `Nothing keeps the session alive on ${plan.open.host}, so nothing can be typed into it from here.`,
        'Resume it, and ask there.',
        [],
      );
    options.onProgress?.(`resuming it on ${plan.open.host}`);
    const open = await sessions.start(plan, options.signal);
    const outcome = await sessions.watch(open, session, options.signal);
    if (outcome.kind === 'blocked')
      return { ...refused(outcome.message, outcome.next, outcome.waysOut), ...(!outcome.ended && { open }) };
    return this.deliver(session, question, open, true, options);
  }

  /** Types it once Claude is at its prompt, and sees it arrive. */
  private async deliver(
    session: Session,
    question: string,
    open: OpenTerminal,
    started: boolean,
    options: AskOptions,
  ): Promise<Asked> {
    for (let tries = 1; tries <= mostTries; tries++) {
      const ready = await this.atPrompt(session, open, options);
      if (!('mouth' in ready)) return ready;
      const { host } = ready;
      const floor = await takeFloor(host, session.id, options);
      if (!floor) break;
      try {
        // Who had the floor before us may have set it to work.
        const report = await this.report(session.host, options.signal);
        if (!report || sessionState(session.id, report).state !== 'idle') continue;
        const look = (signal?: AbortSignal) => this.report(session.host, signal);
        const speaking = { open, started, host, report, mouth: ready.mouth(question), look };
        return await speak(session, question, speaking, options);
      } finally {
        await floor.leave();
      }
    }
    return {
      ...refused(
        'Somebody else asks in it at this moment, in another window or on a command line.',
        'Ask again when it is idle.',
        ['retry'],
      ),
      open,
    };
  }

  /** Waits while it works; refuses where a dialog stands on its screen, or nothing can be typed. */
  private async atPrompt(
    session: Session,
    open: OpenTerminal,
    { signal, onProgress, patienceMs: patience = patienceMs }: AskOptions,
  ): Promise<Refused | { mouth: (question: string) => Mouth; report: HostReport; host: Host }> {
    const host = this.options.hosts.find(({ name }) => name === session.host)!;
    const since = Date.now();
    for (;;) {
      const report = await this.report(session.host, signal);
      const life = report && (await this.life(session, host, report, signal));
      const { state, waitingFor = 'an answer' } = sessionState(session.id, report);
      if (state === 'waiting')
        return {
          ...refused(
            `Claude waits there (${waitingFor}), and what is typed now would answer that.`,
            'Answer it in the terminal, and ask again.',
            ['retry'],
          ),
          open,
        };
      // One that is only just starting is called idle too, and has no prompt yet.
      const isKnown = report?.live.some((one) => one.sessionId === session.id && one.status !== undefined);
      if (life && state === 'idle' && isKnown) {
        const mouth = await this.mouth(life, host, signal);
        if (mouth) return { mouth, report, host };
        if (life.kind !== 'attach' && life.kind !== 'unknown')
          return {
            ...refused('It lives where nothing can be typed from here.', 'Ask there.', ['fork']),
            open,
          };
      }
      if (Date.now() - since > (state === 'working' ? patience : Math.min(patience, startMs)))
        return {
          ...refused(
            state === 'working' ? 'Claude is still at work in it.' : 'Claude has not come to its prompt.',
            'Ask again when it is idle, or look at its terminal.',
            ['retry'],
          ),
          open,
        };
      onProgress?.(state === 'working' ? 'waiting until Claude is idle' : 'waiting for its prompt');
      await rest(everyMs, signal);
    }
  }

  /** None where it lives in no terminal that we reach. */
  private async mouth(
    life: Life,
    host: Host,
    signal: AbortSignal | undefined,
  ): Promise<((question: string) => Mouth) | undefined> {
    switch (life.kind) {
      case 'attach': {
        if (!life.process) return undefined;
        const pane = new TmuxPane(host, life.pane);
        return (question) => ({
          draft: async () => draftOn(await pane.screen(signal)),
          type: () => pane.paste(question, signal),
          send: () => pane.enter(signal),
        });
      }
      case 'supervised': {
        const { name } = life.terminal;
        const keeper = await this.options.terminals.on(host);
        return (question) => ({
          draft: async () => draftOn((await keeper.capture(name, signal)).text),
          type: () => keeper.send(name, question, { ...(signal && { signal }), enter: false }),
          send: () => keeper.send(name, '', signal && { signal }),
        });
      }
      default:
        return undefined;
    }
  }

  private async life(
    session: Session,
    host: Host,
    report: HostReport,
    signal: AbortSignal | undefined,
  ): Promise<Life> {
    const { terminals } = this.options;
    const supervised = async (abort?: AbortSignal) => (host.local ? terminals.supervised(abort) : []);
    return lifeOf({ session, host, supervised, signal }, report);
  }

  private async report(host: string, signal: AbortSignal | undefined): Promise<HostReport | undefined> {
    const source = this.options.reports.find(({ name }) => name === host);
    return source && latest(source, signal);
  }
}
