import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';

/**
 * The proxy that the environment names for an address (`HTTPS_PROXY`, `NO_PROXY`), as curl reads it. In VS Code its own
 * proxy settings come first: it puts its agent in the place of ours. Plain http is for this machine only, so it has none.
 */
export function proxyFor(target: URL, env: NodeJS.ProcessEnv = process.env): URL | undefined {
  if (target.protocol !== 'https:') return undefined;
  const text = env['https_proxy'] ?? env['HTTPS_PROXY'] ?? env['all_proxy'] ?? env['ALL_PROXY'];
  if (!text || isExempt(target, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return undefined;
  const proxy = /^[a-z][a-z0-9]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(proxy)) return undefined;
  const url = new URL(proxy);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function isExempt({ hostname, port }: URL, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', onlyPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (onlyPort && onlyPort !== (port || '443')) return false;
      return hostname === name || hostname.endsWith(`.${name}`);
    });
}

interface TunnelOptions extends https.RequestOptions {
  givenUp?: AbortSignal;
}

/** Reaches https servers through a tunnel of a proxy (CONNECT): the proxy sees host and port, and nothing else. */
export class TunnelAgent extends https.Agent {
  constructor(
    private readonly proxy: URL,
    options: https.AgentOptions,
    private readonly timeoutMs = 20_000,
  ) {
    super(options);
  }

  /**
   * Of Node's agents, but not of its types. A request that is given up before it has a socket ends only when it gets
   * one, or none: so the tunnel has to hear of it.
   */
  addRequest(request: http.ClientRequest, options: TunnelOptions): void {
    const abort = new AbortController();
    const destroy = request.destroy.bind(request);
    request.destroy = (error) => {
      const destroyed = destroy(error);
      abort.abort();
      return destroyed;
    };
    const { addRequest } = https.Agent.prototype as unknown as Pick<TunnelAgent, 'addRequest'>;
    addRequest.call(this, request, { ...options, givenUp: abort.signal });
  }

  override createConnection(
    options: TunnelOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const done = callback as (error: Error | null, stream?: Duplex) => void;
    const target = `${options.host}:${options.port}`;
    const { username, password, protocol, hostname, port } = this.proxy;
    const login = username ? `${decodeURIComponent(username)}:${decodeURIComponent(password)}` : undefined;
    const request = (protocol === 'https:' ? https : http).request({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port || (protocol === 'https:' ? 443 : 80),
      path: target,
      agent: false,
      timeout: this.timeoutMs,
      headers: {
        host: target,
        ...(login ? { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` } : {}),
      },
    });
    // Not after that: the connection may serve other requests.
    const giveUp = (): void => void request.destroy(proxyError('ECONNABORTED'));
    options.givenUp?.addEventListener('abort', giveUp, { once: true });
    request
      .once('close', () => options.givenUp?.removeEventListener('abort', giveUp))
      .once('connect', (response, socket) => {
        options.givenUp?.removeEventListener('abort', giveUp);
        if (response.statusCode === 200) {
          const servername = options.servername ?? options.host ?? '';
          done(null, tls.connect({ ...(options as tls.ConnectionOptions), socket, servername }));
          return;
        }
        socket.destroy();
        done(
          proxyError(
            response.statusCode === 407 ? 'the proxy asks for a login' : `proxy: HTTP ${response.statusCode}`,
          ),
        );
      })
      .once('timeout', () => request.destroy(proxyError('the proxy does not answer')))
      .once('error', (error: NodeJS.ErrnoException) =>
        done(proxyError(`proxy: ${error.code ?? error.message}`)),
      )
      .end();
    return undefined;
  }
}

/** `code` stands in the message that people see. */
const proxyError = (code: string): Error => Object.assign(new Error(code), { code });
