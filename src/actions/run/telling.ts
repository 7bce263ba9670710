import { CancelledError, errorLine, isCancelled, UserError } from '../../model/errors';
import type { Settings, WebhookEvent } from '../../model/settings';
import { trustWith } from '../../sources/http/certificates';
import { addressVariable, type WebhookAddresses } from '../../sources/webhooks/addresses';
import { messageFor } from '../../sources/webhooks/messages';
import { post, type Posting } from '../../sources/webhooks/post';
import type { Tiding } from '../../sources/webhooks/tiding';
import type { Log } from '../../util/log';

export interface TellingOptions {
  settings: { webhooks: Settings['webhooks']; jira: Pick<Settings['jira'], 'caFile'> };
  addresses: Pick<WebhookAddresses, 'find'>;
  /** Names the proxy. */
  env: NodeJS.ProcessEnv;
  log: Log;
  /** Other times than the usual, in ms. */
  times?: Pick<Posting, 'timeoutMs' | 'pauseMs' | 'maxPauseMs'>;
}

/** True for the first who asks by this name (safe characters only), whoever and wherever that is. */
export type Claim = (name: string) => Promise<boolean>;

/** What telling came to: how many webhooks have taken it, and one line with the next step for each that has not. */
export interface Told {
  told: number;
  problems: string[];
}

/**
 * Tells the configured webhooks, each at most once whoever settles: who gets the claim sends. Who is killed between the
 * claim and the answer leaves it untold; it is never told twice. A webhook that fails fails nothing else.
 */
export class Telling {
  constructor(private readonly options: TellingOptions) {}

  /** Whether any webhook would be told. */
  hears(event: WebhookEvent): boolean {
    return Object.values(this.options.settings.webhooks).some(
      ({ events }) => heardAs(event, events) !== undefined,
    );
  }

  /**
   * `occasion` counts how often this may be told of the same run: its attempts, since one that goes on may fail or end
   * again. Rejects only when cancelled.
   */
  async tell(tiding: Tiding & { occasion?: number }, claim: Claim, signal?: AbortSignal): Promise<Told> {
    const told: Told = { told: 0, problems: [] };
    const { webhooks } = this.options.settings;
    const heard = Object.entries(webhooks).flatMap(([name, { events }]) => {
      const event = heardAs(tiding.event, events);
      return event === undefined ? [] : [{ name, event }];
    });
    await Promise.all(
      heard.map(async ({ name, event }) => {
        try {
          if (await this.tellOne(name, { ...tiding, event }, claim, signal)) told.told += 1;
        } catch (error) {
          if (isCancelled(error)) throw error;
          const problem = `Webhook ${name}: ${errorLine(error)}`;
          this.options.log.warn(problem);
          told.problems.push(problem);
        }
      }),
    );
    return told;
  }

  private async tellOne(
    name: string,
    { occasion = 1, ...tiding }: Tiding & { occasion?: number },
    claim: Claim,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { settings, addresses, env, log, times } = this.options;
    const { kind } = settings.webhooks[name]!;
    // Who could not send leaves the claim to somebody who can.
    const address = await addresses.find(name);
    if (!address)
      throw new UserError('no address is known.', `Set Webhook Address, or ${addressVariable(name)}.`);
    const secureContext = await trustWith(settings.jira.caFile, env);
    const id = `${tiding.event}-${name}-${occasion}`;
    if (signal?.aborted) throw new CancelledError();
    if (!(await claim(id))) return false;
    const message = messageFor(kind, tiding, `${tiding.run?.id ?? tiding.task.key}/${id}`);
    await post({ address, message, secureContext, env, signal, ...times });
    log.info(`${tiding.task.key}: webhook ${name} (${address.host}) was told: ${tiding.event}`);
    return true;
  }
}

/** A run that has come to its end, well or not, waits for a person: who asked for that alone hears it as that. */
function heardAs(event: WebhookEvent, events: readonly WebhookEvent[]): WebhookEvent | undefined {
  if (events.includes(event)) return event;
  return (event === 'complete' || event === 'failed') && events.includes('needsYou') ? 'needsYou' : undefined;
}
