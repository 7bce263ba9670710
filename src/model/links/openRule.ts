import type { Settings } from '../settings';
import { webTerminalOrigin } from './webTerminal';

/** Whose addresses open without a question. */
export interface OpenRules {
  /** Jira that the user signed in to. */
  jiraUrl?: string | undefined;
  /** `links.allowed`: hosts, `*.` for all below one, with a port where it is not 443. */
  allowed: readonly string[];
  /** `webTerminal` of this machine and of the hosts. */
  webTerminals: readonly (string | undefined)[];
}

/** Whether an address that came from outside may open. `url` is as the URL parser writes it, hosts as punycode. */
export type OpenAnswer =
  | { kind: 'open'; url: string }
  /** The user is asked; `host` (with its port) is what to show, `why` says what speaks against it. */
  | { kind: 'ask'; url: string; host: string; why: string }
  | { kind: 'refused'; why: string };

const maxLength = 8192;

/** The trust rule: https at Jira itself, claude.ai, a configured web terminal or an allowed host opens; else ask. */
export function mayOpen(address: string, rules: OpenRules): OpenAnswer {
  if (address.length > maxLength || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(address) || !URL.canParse(address))
    return { kind: 'refused', why: 'This is not an address.' };
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { kind: 'refused', why: 'Only addresses of the web are opened.' };
  const { href, host } = url;
  if (url.username !== '' || url.password !== '')
    return { kind: 'ask', url: href, host, why: 'The address carries a user name.' };
  // The user signed in there, so its own http (on this machine) is theirs.
  if (rules.jiraUrl !== undefined && url.origin === originOf(rules.jiraUrl))
    return { kind: 'open', url: href };
  if (url.protocol !== 'https:')
    return { kind: 'ask', url: href, host, why: 'The address is not encrypted (http).' };
  const known =
    host === 'claude.ai' ||
    rules.webTerminals.some((one) => one && webTerminalOrigin(one) === url.origin) ||
    rules.allowed.some((one) => allows(one.trim().toLowerCase(), host));
  return known
    ? { kind: 'open', url: href }
    : { kind: 'ask', url: href, host, why: 'Its host is not among taskSessions.links.allowed.' };
}

const originOf = (text: string): string | undefined =>
  URL.canParse(text) ? new URL(text).origin : undefined;

/** A wildcard stands for whole words before a name of at least two. */
function allows(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern !== '' && host === asciiHost(pattern);
  const suffix = asciiHost(pattern.slice(2));
  return suffix?.includes('.') === true && host.endsWith(`.${suffix}`);
}

function asciiHost(text: string): string | undefined {
  if (/[/\\@?#*]/.test(text) || !URL.canParse(`https://${text}/`)) return undefined;
  return new URL(`https://${text}/`).host;
}

/** The rules that settings and the Jira that the user signed in to make. */
export const openRules = (
  { links, local, hosts }: Pick<Settings, 'links' | 'local' | 'hosts'>,
  jiraUrl: string | undefined,
): OpenRules => ({
  jiraUrl,
  allowed: links.allowed,
  webTerminals: [local, ...Object.values(hosts)].map(({ webTerminal }) => webTerminal),
});
