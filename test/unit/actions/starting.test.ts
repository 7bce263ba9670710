import assert from 'node:assert/strict';
import { choosePlace } from '../../../src/actions/run/start/places';
import { factOf, StartSteps } from '../../../src/actions/run/start/steps';
import type { Host } from '../../../src/hosts/host';
import { CancelledError, type UserError } from '../../../src/model/errors';
import type { RepositoryAnswer } from '../../../src/model/task/repository';

describe('where an analysis works', () => {
  const hosts = ['laptop', 'devserver', 'buildbox'].map(
    (name) => ({ name, local: name === 'laptop' }) as Host,
  );
  const host = (name: string): Host => hosts.find((one) => one.name === name)!;
  const found: RepositoryAnswer = {
    kind: 'found',
    name: 'platform',
    places: ['laptop', 'devserver'].map((name) => ({
      name: 'platform',
      host: name,
      directory: '/srv/platform',
    })),
  };
  const choose = (wanted?: string, defaultHost = '', answer: RepositoryAnswer = found): Promise<string> =>
    choosePlace(
      { settings: { defaultHost }, host, repositories: { repository: () => Promise.resolve(answer), host } },
      'PAY-1',
      wanted,
    ).then(
      (place) => place.host.name,
      (error: UserError) => error.line,
    );

  for (const [what, answer, expected] of [
    ['the nearest place', choose(), /^laptop$/],
    ['the default host', choose(undefined, 'devserver'), /^devserver$/],
    ['the host that is named', choose('laptop', 'devserver'), /^laptop$/],
    [
      'no host without the repository',
      choose('buildbox'),
      /hosts\.buildbox\.repository, or start it on laptop or devserver/,
    ],
    ['nowhere', choose(undefined, '', { kind: 'none', reason: 'No.', next: 'Set it.' }), /^No. Set it.$/],
  ] as const)
    it(`is ${what}`, async () => assert.match(await answer, expected));
});

describe('the steps of a start', () => {
  it('turn a question into a fact', () => {
    assert.equal(
      factOf('task/a.b exists already on dev.example. Work on it?'),
      'task/a.b exists already on dev.example.',
    );
  });

  it('are told before and after, and never after a cancel', async () => {
    const told: string[] = [];
    const abort = new AbortController();
    const steps = new StartSteps({
      signal: abort.signal,
      onProgress: ({ state, detail }) => told.push(`${state} ${detail}`),
    });
    await steps.step('branch', 'Making', () => Promise.resolve('Made'));
    await assert.rejects(steps.step('record', 'Recording', () => Promise.reject(new Error('No'))));
    abort.abort();
    await assert.rejects(
      steps.step('launch', 'Launching', () => Promise.resolve('')),
      CancelledError,
    );
    assert.deepEqual(told, ['doing Making', 'done Made', 'doing Recording', 'failed No']);
  });

  it('say a thing once', () => {
    const steps = new StartSteps();
    for (const line of ['a', undefined, 'a', 'b']) steps.note(line);
    assert.deepEqual(steps.notes, ['a', 'b']);
  });
});
