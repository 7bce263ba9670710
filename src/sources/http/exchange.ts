import * as http from 'node:http';
import * as https from 'node:https';
import { pipeline } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { CancelledError } from '../../model/errors';
import type { Answer } from './answer';
import { HttpError } from './problem';

export interface Exchange {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** For the whole of it: connecting, waiting and reading. */
  timeoutMs: number;
  /** Of the decoded body. */
  maxBytes: number;
  agent: http.Agent;
  secureContext?: SecureContext;
  signal?: AbortSignal;
}

/**
 * One request, one answer, over Node's own http modules: VS Code patches those for proxies and system certificates,
 * and they take a certificate authority where global fetch cannot. No redirects, no retries.
 * Throws HttpError (`network`, `tls`, `timeout`, `tooLarge`) or CancelledError.
 */
export async function exchange(call: Exchange): Promise<Answer> {
  const { url, signal, timeoutMs } = call;
  if (signal?.aborted) throw new CancelledError();
  const host = url.host;
  const { request, response } = send(call);
  // What ended the exchange early matters more than the socket error that follows from it.
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    request.destroy(error);
  };
  const deadline = setTimeout(
    () => end(new HttpError({ kind: 'timeout', afterMs: timeoutMs, host })),
    timeoutMs,
  );
  const cancel = () => end(new CancelledError());
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const { statusCode = 0, headers, stream } = await response;
    const body = await read(stream, call.maxBytes, () =>
      end(new HttpError({ kind: 'tooLarge', what: `The answer of ${host}`, host })),
    );
    if (ended) throw ended;
    return { status: statusCode, headers, body };
  } catch (error) {
    throw ended ?? failure(error, host);
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', cancel);
  }
}

interface Opened {
  request: http.ClientRequest;
  response: Promise<Pick<http.IncomingMessage, 'statusCode' | 'headers'> & { stream: AsyncIterable<Buffer> }>;
}

function send({ method, url, headers, body, agent, secureContext }: Exchange): Opened {
  const secure = url.protocol === 'https:';
  const options: https.RequestOptions = {
    method,
    headers: {
      ...headers,
      'accept-encoding': 'gzip',
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    },
    agent,
    ...(secureContext ? { secureContext } : {}),
  };
  const request = secure ? https.request(url, options) : http.request(url, options);
  const response = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
  request.end(body);
  return {
    request,
    response: response.then((message) => ({
      statusCode: message.statusCode,
      headers: message.headers,
      stream: decoded(message),
    })),
  };
}

function decoded(message: http.IncomingMessage): AsyncIterable<Buffer> {
  if (message.headers['content-encoding'] !== 'gzip') return message;
  // The reader of the last stream sees the error of either; the callback only keeps it from being thrown twice.
  return pipeline(message, createGunzip(), () => {});
}

async function read(stream: AsyncIterable<Buffer>, maxBytes: number, tooLarge: () => void): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) {
      tooLarge();
      break;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failure(error: unknown, host: string): Error {
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = (cause as NodeJS.ErrnoException).code ?? cause.message;
  if (isTls(code))
    return new HttpError({ kind: 'tls', code: isNotTls(code) ? 'NOT_TLS' : code, host }, { cause });
  return new HttpError({ kind: 'network', code, host }, { cause });
}

const isTls = (code: string): boolean =>
  /CERT|SIGNATURE|CRL|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH|ISSUER|EPROTO|CA_KEY/.test(code);

const isNotTls = (code: string): boolean =>
  /^EPROTO$|WRONG_VERSION|PACKET_LENGTH|UNKNOWN_PROTOCOL/.test(code);
