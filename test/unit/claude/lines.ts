/** Lines of a transcript as Claude writes them, with only the fields that matter. */
export const sessionId = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';

type Fields = Record<string, unknown>;

const common = { cwd: '/srv/platform', gitBranch: 'main', entrypoint: 'cli', isSidechain: false, sessionId };

let count = 0;
/** Every line follows the one before unless `parentUuid` says otherwise. */
let last: string | null = null;

function line(fields: Fields): string {
  const uuid = `line-${++count}`;
  const timestamp = new Date(1_700_000_000_000 + count * 1000).toISOString();
  const text = JSON.stringify({ parentUuid: last, ...common, uuid, timestamp, ...fields });
  last = (fields['uuid'] as string | undefined) ?? uuid;
  return text;
}

/** Call before each transcript: the first line is `line-1`, one second after 2023-11-14T22:13:20Z. */
export function begin(): void {
  count = 0;
  last = null;
}

export const user = (text: unknown, fields: Fields = {}): string =>
  line({ type: 'user', message: { role: 'user', content: text }, ...fields });

export const answer = (used: number, fields: Fields = {}, message: Fields = {}): string =>
  line({
    type: 'assistant',
    requestedModel: 'claude-opus-4-6',
    message: {
      id: 'msg',
      model: 'claude-opus-4-6',
      content: [{ type: 'text', text: 'Done.' }],
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: used - 15,
        cache_creation_input_tokens: 5,
        output_tokens: 9000,
      },
      ...message,
    },
    ...fields,
  });

export const apiError = (): string =>
  answer(0, { isApiErrorMessage: true }, { model: '<synthetic>', usage: { input_tokens: 0 } });

export const attachment = (bytes: number): string =>
  line({ type: 'attachment', attachment: { type: 'skill_listing' }, rendered: 'x'.repeat(bytes) });

export const compaction = (postTokens: number): string =>
  line({ type: 'system', subtype: 'compact_boundary', parentUuid: null, compactMetadata: { postTokens } });

export const meta = (type: string, fields: Fields): string => JSON.stringify({ type, ...fields, sessionId });

export const jsonl = (...lines: string[]): Buffer => Buffer.from(lines.map((one) => `${one}\n`).join(''));
