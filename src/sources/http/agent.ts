import * as http from 'node:http';
import * as https from 'node:https';
import { proxyFor, TunnelAgent } from './proxy';

/** Connections to one server: through the proxy that the environment names for it, if any. */
export function agentFor(server: URL, options: https.AgentOptions, env?: NodeJS.ProcessEnv): http.Agent {
  if (server.protocol !== 'https:') return new http.Agent(options);
  const proxy = proxyFor(server, env);
  return proxy ? new TunnelAgent(proxy, options) : new https.Agent(options);
}

/** This machine, by name or number: the only server that plain http is good enough for. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
