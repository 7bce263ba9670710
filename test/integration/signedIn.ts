import { parseRecordIndex } from '../../src/model/record/issueIndex';
import { claimsOf } from '../../src/sources/jira/comments';
import { signIn, transportFor } from '../../src/sources/jira/connection';
import type { Credential, Deployment } from '../../src/sources/jira/connection';
import { Jira } from '../../src/sources/jira/jira';
import type { TransportOptions } from '../../src/sources/jira/transport';
import { silentLog } from '../../src/util/log';

export interface SimulatedUser {
  /** Of the simulator. */
  url: string;
  deployment: Deployment;
  /** Default: dana. */
  user?: string | undefined;
}

export const credentialOf = ({ deployment, user = 'dana' }: Omit<SimulatedUser, 'url'>): Credential =>
  deployment === 'cloud'
    ? { email: `${user}@acme.example`, token: `${user}-token` }
    : { token: `${user}-pat` };

/** Jira as one of the simulator's users has it; tries again at once. Give a `timeoutMs` only where an answer fails to come. */
export async function signedIn(
  who: SimulatedUser,
  options: Partial<Pick<TransportOptions, 'timeoutMs' | 'maxBytes'>> = {},
): Promise<Jira> {
  const connection = await signIn({ url: who.url, ...credentialOf(who) }, { log: silentLog });
  const transport = transportFor(connection, { log: silentLog, pauseMs: 1, ...options });
  return new Jira(connection, transport, { claimsOf, indexOf: parseRecordIndex }, silentLog);
}
