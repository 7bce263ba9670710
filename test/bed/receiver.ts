// What webhooks are sent to: shaped like Slack's incoming webhooks, a Teams workflow, or plain JSON; with faults.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Resource } from './bed';

export type ReceiverKind = 'slack' | 'teams' | 'json';

export type ReceiverFault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** The connection is reset instead of an answer. */
  | { kind: 'reset' }
  /** No answer ever. */
  | { kind: 'silent' };

export interface Receiver extends Resource {
  /** Secret addresses, as the real ones are. */
  readonly addresses: Record<ReceiverKind, string>;
  /** Messages that were taken, oldest first. */
  readonly taken: readonly { kind: ReceiverKind; message: unknown }[];
  /** Requests that came, whatever was answered. */
  readonly requests: number;
  /** The next requests meet these, one after the other. */
  fail(...faults: ReceiverFault[]): void;
  /** Told of every message that is taken, as lines for a person. */
  onMessage(listener: (kind: ReceiverKind, lines: string[]) => void): void;
}

const secrets: Record<ReceiverKind, string> = {
  slack: '/services/T0AAAAAAA/B0BBBBBBB/s3cr3ts3cr3ts3cr3ts3cr3',
  teams: '/workflows/0123456789abcdef/triggers/manual/paths/invoke',
  json: '/hooks/s3cr3t',
};

export async function startReceiver({ port = 0 }: { port?: number } = {}): Promise<Receiver> {
  const taken: { kind: ReceiverKind; message: unknown }[] = [];
  const faults: ReceiverFault[] = [];
  const listeners: ((kind: ReceiverKind, lines: string[]) => void)[] = [];
  let requests = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const body = await textOf(request);
    const fault = faults.shift();
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy();
    if (fault?.kind === 'silent') return;
    if (fault) return void response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
    const path = request.url?.split('?')[0];
    const kind = (Object.keys(secrets) as ReceiverKind[]).find((one) => secrets[one] === path);
    // As many servers do, it repeats the secret.
    if (!kind || request.method !== 'POST')
      return void response.writeHead(404).end(`Cannot ${request.method} ${request.url}`);
    const message = parse(body);
    const wrong = request.headers['content-type']?.startsWith('application/json')
      ? problemOf(kind, message)
      : 'invalid_payload';
    if (wrong !== undefined) return void response.writeHead(400).end(wrong);
    taken.push({ kind, message });
    for (const listener of listeners) listener(kind, linesOf(kind, message));
    // Slack says ok, Teams accepts.
    response.writeHead(kind === 'teams' ? 202 : 200).end(kind === 'slack' ? 'ok' : '');
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    addresses: {
      slack: base + secrets.slack,
      teams: `${base}${secrets.teams}?api-version=1&sig=s3cr3ts1gnature`,
      json: base + secrets.json,
    },
    taken,
    get requests() {
      return requests;
    },
    fail: (...more) => void faults.push(...more),
    onMessage: (listener) => void listeners.push(listener),
    dispose: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);

/** What the real one would refuse it for; undefined where it takes it. */
function problemOf(kind: ReceiverKind, message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null) return 'invalid_payload';
  switch (kind) {
    case 'slack':
      return slackProblem(fields(message));
    case 'teams':
      return teamsProblem(fields(message));
    case 'json':
      return undefined;
  }
}

/** https://docs.slack.dev/reference/block-kit/blocks: the blocks that we use, with their bounds. */
function slackProblem({ text, blocks }: Fields): string | undefined {
  if (typeof text !== 'string' || text === '') return 'no_text';
  const isText = (value: unknown): boolean => {
    const { type, text: inner } = fields(value);
    return (
      (type === 'mrkdwn' || type === 'plain_text') &&
      typeof inner === 'string' &&
      inner.length > 0 &&
      inner.length <= 3000
    );
  };
  const isBlock = (block: Fields): boolean =>
    block['type'] === 'section'
      ? isText(block['text'])
      : block['type'] === 'context' &&
        list(block['elements']).length > 0 &&
        list(block['elements']).every(isText);
  return list(blocks).length <= 50 && list(blocks).every(isBlock) ? undefined : 'invalid_blocks';
}

/** The envelope and the card; https://adaptivecards.io/explorer for the elements. */
function teamsProblem({ type, attachments }: Fields): string | undefined {
  const [attachment, ...others] = list(attachments);
  if (type !== 'message' || !attachment || others.length > 0) return 'TriggerInputSchemaMismatch';
  if (attachment['contentType'] !== 'application/vnd.microsoft.card.adaptive') return 'UnsupportedCard';
  const card = fields(attachment['content']);
  const isOne = card['type'] === 'AdaptiveCard' && /^1\.[0-5]$/.test(String(card['version']));
  const body = list(card['body']);
  const known = body.every((one) => ['TextBlock', 'RichTextBlock'].includes(String(one['type'])));
  const links = list(card['actions']).every((one) => String(one['url']).startsWith('https://'));
  return isOne && body.length > 0 && known && links ? undefined : 'InvalidCard';
}

/** What a person would see, without its looks. */
function linesOf(kind: ReceiverKind, message: unknown): string[] {
  const one = fields(message);
  switch (kind) {
    case 'slack':
      return list(one['blocks']).flatMap((block) =>
        [block['text'], ...list(block['elements'])].flatMap((part) => {
          const { text } = fields(part);
          return typeof text === 'string' ? [text] : [];
        }),
      );
    case 'teams':
      return list(fields(list(one['attachments'])[0]?.['content'])['body']).map((block) =>
        list(block['inlines'])
          .map(({ text }) => String(text))
          .join(''),
      );
    case 'json':
      return [`${String(one['event'])}: ${String(one['text'])}`];
  }
}
