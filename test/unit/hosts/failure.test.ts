import assert from 'node:assert/strict';
import { remoteFailure } from '../../../src/hosts/channel/failure';
import type { HostFailure } from '../../../src/hosts/host';

const route = { host: 'dev', by: 'ssh dev' };

/** What OpenSSH 9.2 said. */
const said: [text: string, kind: HostFailure, message: RegExp][] = [
  [
    'ssh: connect to host 127.0.0.1 port 1: Connection refused\r\n',
    'unreachable',
    /dev refused the connection/,
  ],
  ['ssh: Could not resolve hostname nohost: Name or service not known', 'unreachable', /address of dev/],
  ['ssh: connect to host 10.0.0.1 port 22: No route to host', 'unreachable', /no way to dev/],
  ['hostname contains invalid characters', 'unreachable', /address/],
  [
    '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.',
    'hostKey',
    /has changed/,
  ],
  [
    'No ED25519 host key is known for x and you have requested strict checking.\nHost key verification failed.',
    'hostKey',
    /not known yet/,
  ],
  ['root@127.0.0.1: Permission denied (publickey).', 'auth', /refused the sign-in/],
  [
    'Connection timed out during banner exchange\nConnection to 127.0.0.1 port 1 timed out',
    'timeout',
    /in time/,
  ],
  ['Timeout, server 127.0.0.1 not responding.', 'timeout', /in time/],
  ['/x/config: line 1: Bad configuration option: foo', 'unreachable', /configuration/],
  ['Error response from daemon: No such container: dev', 'unreachable', /No such container: dev\./],
  ['', 'unreachable', /dev could not be reached\./],
];

describe('the end of a channel', () => {
  for (const [stderr, kind, message] of said)
    it(`is ${kind}: ${stderr.slice(0, 50).trim() || 'silence'}`, () => {
      const error = remoteFailure(route, { kind: 'exit', code: 255, stderr, opened: false });
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      assert.notEqual(error.next, '');
    });

  it('is a loss once the host had answered', () => {
    const error = remoteFailure(route, {
      kind: 'exit',
      code: 255,
      stderr: 'client_loop: send disconnect: Broken pipe',
      opened: true,
    });
    assert.equal(error.kind, 'lost');
    assert.match(error.message, /Broken pipe/);
  });

  it('says nothing that a terminal would obey', () => {
    const error = remoteFailure(route, {
      kind: 'exit',
      code: 1,
      stderr: '\u001b[31mred\u202e\u0007 \r\n',
      opened: false,
    });
    assert.equal(error.message, 'dev could not be reached: [31mred.');
  });

  it('tells a silent host from slow work', () => {
    assert.match(
      remoteFailure(route, { kind: 'timeout', milliseconds: 4000, opened: false }).message,
      /did not answer within 4 s/,
    );
    assert.match(
      remoteFailure(route, { kind: 'timeout', milliseconds: 4000, opened: true }).message,
      /was not done within 4 s/,
    );
  });

  it('names the program that is missing here', () => {
    const error = Object.assign(new Error('spawn'), { code: 'ENOENT' });
    assert.match(
      remoteFailure(route, { kind: 'cannotStart', program: 'docker', error }).message,
      /docker was not found on this machine/,
    );
  });
});
