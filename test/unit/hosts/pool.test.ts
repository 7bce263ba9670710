import assert from 'node:assert/strict';
import { Channel } from '../../../src/hosts/channel/channel';
import { HostError } from '../../../src/hosts/host';
import { ChannelPool } from '../../../src/hosts/channel/pool';
import { silentLog } from '../../../src/util/log';

const failed = (): HostError => new HostError('timeout', 'here', 'Late.', 'Try again.');
const options = { timeoutMs: 1500, maxBytes: 1024 };

describe('the shells of a host', () => {
  let pool: ChannelPool;
  beforeEach(() => {
    pool = new ChannelPool({
      log: silentLog,
      open: () => Channel.open(['sh'], 5000, { env: process.env, failure: failed }),
      late: failed,
      suspect() {},
      size: 1,
      doubtMs: 0,
    });
  });
  afterEach(() => pool.dispose());

  const answers = async (): Promise<void> =>
    assert.equal((await pool.call('echo yes', options)).stdout.toString(), 'yes\n');

  const cases: [name: string, signal: () => AbortSignal][] = [
    ['before they began', () => AbortSignal.abort()],
    [
      'just after they began',
      () => {
        const abort = new AbortController();
        queueMicrotask(() => abort.abort());
        return abort.signal;
      },
    ],
    [
      // The shell was taken and is about to be asked whether it still answers.
      'between two looks',
      () => {
        let looks = 0;
        const { signal } = new AbortController();
        Object.defineProperty(signal, 'aborted', { get: () => (looks += 1) > 1 });
        return signal;
      },
    ],
  ];
  for (const [name, signal] of cases)
    it(`outlive calls that were given up ${name}`, async () => {
      await answers();
      for (let i = 0; i < 4; i++)
        await assert.rejects(pool.call('echo no', { ...options, signal: signal() }), {
          name: 'CancelledError',
        });
      await answers();
    });
});
