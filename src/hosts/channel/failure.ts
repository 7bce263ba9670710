import { HostError } from '../host';
import type { HostFailure } from '../host';
import { missingProgram } from './callText';
import type { ChannelEnd } from './channel';

export const tookTooLong = (host: string, milliseconds: number, what = 'The work'): HostError =>
  new HostError(
    'timeout',
    host,
    `${what} on ${host} was not done within ${seconds(milliseconds)}.`,
    'Try again; if it stays so, look at the load and the connection of that machine.',
  );

export const tooMuch = (host: string, bytes: number, what = 'A command'): HostError =>
  new HostError(
    'tooMuch',
    host,
    `${what} on ${host} wrote more than ${Math.round(bytes / 1024)} KiB and was ended.`,
    'Ask for less at once.',
  );

const seconds = (milliseconds: number): string => `${Math.max(1, Math.round(milliseconds / 1000))} s`;

/** How a host is reached, as the user would type it: `ssh dev`, `docker exec -i dev`. */
export interface Route {
  host: string;
  by: string;
}

/** What ssh says on stderr when it exits with 255, in OpenSSH's own words (facts: the code alone tells nothing). */
const sshSays: readonly [RegExp, HostFailure, (route: Route) => [message: string, next: string]][] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'hostKey',
    ({ host, by }) => [
      `The key of ${host} has changed.`,
      `Find out why before you trust it; then remove the old key (ssh-keygen -R) and run "${by}" once.`,
    ],
  ],
  [
    /Host key verification failed|No .* host key is known/,
    'hostKey',
    ({ host, by }) => [
      `The key of ${host} is not known yet.`,
      `Run "${by}" once in a terminal and confirm the key.`,
    ],
  ],
  [
    /Permission denied|Too many authentication failures|No supported authentication methods/,
    'auth',
    ({ host, by }) => [
      `${host} refused the sign-in without a question.`,
      `Add your key to the agent (ssh-add), or run "${by}" in a terminal and keep that connection open.`,
    ],
  ],
  [
    /Could not resolve hostname|Name or service not known|hostname contains invalid characters/,
    'unreachable',
    ({ host, by }) => [
      `The address of ${host} is not known.`,
      `Check the name that "${by}" uses, and the network.`,
    ],
  ],
  [
    /Connection refused/,
    'unreachable',
    ({ host }) => [`${host} refused the connection.`, 'Check that its ssh server runs, and the port.'],
  ],
  [
    /timed out|timeout, server .* not responding/i,
    'timeout',
    ({ host, by }) => [`${host} did not answer in time.`, `Check the network or the VPN, then try "${by}".`],
  ],
  [
    /No route to host|Network is unreachable|Network is down|Host is down/,
    'unreachable',
    ({ host }) => [`There is no way to ${host}.`, 'Check the network or the VPN.'],
  ],
  [
    /Bad configuration option|Can't open user config file|bad configuration options|Bad owner or permissions/,
    'unreachable',
    ({ by }) => [`ssh does not accept its configuration.`, `Run "${by}" in a terminal to see what is wrong.`],
  ],
];

/** Puts the end of a channel over ssh, or over a command prefix, into words. */
export function remoteFailure(route: Route, end: ChannelEnd): HostError {
  const { host, by } = route;
  switch (end.kind) {
    case 'cannotStart':
      return end.error.code === 'ENOENT'
        ? missingProgram('this machine', end.program, { cause: end.error })
        : new HostError(
            'notFound',
            host,
            `${end.program} could not be started: ${end.error.code ?? end.error.message}.`,
            `Try "${by}" in a terminal.`,
            { cause: end.error },
          );
    case 'tooMuch':
      return tooMuch(host, end.bytes);
    case 'timeout':
      return end.opened
        ? tookTooLong(host, end.milliseconds)
        : new HostError(
            'timeout',
            host,
            `${host} did not answer within ${seconds(end.milliseconds)}.`,
            `Check the network or the VPN, then try "${by}".`,
          );
    case 'exit': {
      const said = end.stderr.trim();
      for (const [pattern, kind, words] of sshSays)
        if (pattern.test(said)) return new HostError(kind, host, ...words(route), { cause: new Error(said) });
      const last = lastLine(said);
      if (end.opened)
        return new HostError(
          'lost',
          host,
          `The connection to ${host} was lost${last && `: ${last}`}`.replace(/\.?$/, '.'),
          'Try again; what ran there was ended.',
        );
      return new HostError(
        'unreachable',
        host,
        `${host} could not be reached${last ? `: ${last}` : ''}`.replace(/\.?$/, '.'),
        `Try "${by}" in a terminal.`,
      );
    }
  }
}

/** The last line that says something, short and without anything that a terminal would obey. */
function lastLine(text: string): string {
  const line = text.split(/[\r\n]+/).findLast((candidate) => candidate.trim() !== '') ?? '';
  return line
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, 200);
}
