import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bindingIndex } from '../../src/model/binding/binding';
import { emptyLedger } from '../../src/model/binding/ledger';
import type { UserError } from '../../src/model/errors';
import { recordBody } from '../../src/sources/jira/records/body';
import { Bed } from '../bed/bed';
import { hold } from '../bed/hold';
import { recordsOf } from './recordsOf';
import { until } from '../bed/until';
import type { Body } from '../jira/entities';
import type { Fault } from '../jira/faults';
import { startJira } from '../jira/simulator';
import type { Jira as Simulator } from '../jira/simulator';
import { doc, hardBreak, paragraph } from '../jira/text/adf';
import { id, session, settings, task } from '../unit/model/examples';
import { linked, makeClient } from './publishingBed';
import type { Client, ClientOptions } from './publishingBed';

const key = 'PAY-1';
const refusal = (status: number, message: string): Fault => ({
  kind: 'status',
  status,
  body: JSON.stringify({ errorMessages: [message], errors: {} }),
  contentType: 'application/json',
});

for (const deployment of ['cloud', 'dataCenter'] as const)
  describe(`Publishing on Jira ${deployment}`, () => {
    const cloud = deployment === 'cloud';
    let bed: Bed;
    let simulator: Simulator;
    let dana: Client;

    beforeEach(async () => {
      bed = new Bed();
      simulator = await bed.add(startJira({ deployment }));
      simulator.state.addIssue({ key, summary: 'Refunds', assignee: 'dana' });
      dana = await client();
    });
    afterEach(() => bed.dispose());

    async function client(options: Partial<ClientOptions> = {}): Promise<Client> {
      const folder = await bed.folder('publishing');
      return bed.add(makeClient({ url: simulator.url, deployment, folder, ...options }));
    }

    const issue = () => simulator.state.issue(key);
    const comments = () => issue().comments;
    const words = (line: string): Body => (cloud ? doc(paragraph(line)) : line);
    /** Words of one body after those of another. */
    const joined = (first: Body, second: Body): Body =>
      typeof first === 'string' || typeof second === 'string'
        ? `${first as string}\r\n\r\n${second as string}`
        : { ...first, content: [...(first.content ?? []), ...(second.content ?? [])] };
    const textOf = (body: Body | undefined): string => JSON.stringify(body);
    const records = () => recordsOf(comments(), key);
    const writes = () =>
      simulator.requests
        .splice(0)
        .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/search/jql'))
        .map(({ method, path }) => `${method} ${path.replace(/.*\/issue\//, '').replace(/\d{4,}/, 'N')}`);
    const publish = (who = dana) => who.publishing.publish(linked, { key });
    const owed = async () =>
      (await dana.publishing.owed()).map(({ issueKey, sessionId }) => ({ issueKey, sessionId }));
    const published = async () =>
      (await dana.ledger.read()).entries.find(({ sessionId }) => sessionId === linked.id)?.published;

    const written = {
      by: 'dana',
      title: 'AI Analysis Started',
      sessionId: linked.id,
      host: 'laptop',
      directory: '/srv/platform',
      branch: 'task/PAY-1-analysis',
      status: 'Linked by Dana Developer',
    };

    it('writes one comment that reads back as the record, notes it, and indexes it', async () => {
      simulator.requests.length = 0;
      const publication = await publish();
      const [comment] = comments();
      assert.deepEqual(publication, {
        kind: 'published',
        issueKey: key,
        sessionId: linked.id,
        commentId: comment?.id,
        url: `${simulator.url}/browse/PAY-1?focusedCommentId=${comment?.id}`,
      });
      assert.deepEqual(records(), [written]);
      assert.deepEqual(writes(), ['POST PAY-1/comment', 'PUT PAY-1/properties/task-sessions']);
      assert.deepEqual(await owed(), []);
      assert.equal((await published())?.commentId, comment?.id);
      const [found] = await dana.issues();
      assert.equal(found?.index?.commentsSeen, 1);
      assert.deepEqual(
        found.index.records.map(({ sessionId, host }) => ({ sessionId, host })),
        [{ sessionId: linked.id, host: 'laptop' }],
      );
    });

    it('binds the session for everybody else', async () => {
      await publish();
      const mira = await client({ user: 'mira' });
      const subject = { sessionId: linked.id, host: 'anywhere' };
      const bound = bindingIndex(await mira.issues(), emptyLedger).bound(subject);
      assert.equal(bound?.key, key);
      assert.equal(bound.evidence, 'record');
    });

    it('writes nothing where all of it stands there already', async () => {
      await publish();
      simulator.requests.length = 0;
      await publish();
      assert.deepEqual(writes(), ['PUT PAY-1/properties/task-sessions']);
      assert.equal(comments().length, 1);
    });

    it('edits its comment in place as the task moves on, and tells the poll', async () => {
      await publish();
      const docs = settings().docs.names.map((name) => ({
        name,
        path: `docs/${name}`,
        blob: 'a'.repeat(40),
      }));
      const folder = await bed.folder('publishing');
      const later = await client({ folder, tasks: [task(key, { id: issue().id, docs })] });
      await later.publishing.publish({ ...linked, directory: '/srv/other' }, { key });
      assert.deepEqual(records(), [
        { ...written, title: 'AI Analysis Complete', directory: '/srv/other', docs: settings().docs.names },
      ]);
      assert.deepEqual(later.edits, [issue().id]);
    });

    it('is a comment for each author', async () => {
      const mira = await client({ user: 'mira' });
      await Promise.all([publish(), publish(mira)]);
      assert.deepEqual(
        records()
          .map(({ by }) => by)
          .sort(),
        ['dana', 'mira'],
      );
    });

    it('keeps what a run of ours said, and adds what we know', async () => {
      const fields = {
        title: 'AI Analysis Complete' as const,
        sessionId: linked.id,
        commit: '3f2c9d10aa',
        status: 'Awaiting Developer Review',
      };
      simulator.state.addComment(key, {
        author: 'dana',
        body: recordBody(cloud ? 'adf' : 'wiki', fields, { issueKey: key }) as Body,
      });
      await publish();
      assert.deepEqual(records(), [{ ...written, ...fields }]);
    });

    describe('where somebody wrote into our comment', () => {
      const word = 'Pat: is that still true?';

      it('keeps the words, and takes back only the record', async () => {
        await publish();
        const [ours] = comments();
        simulator.state.editComment(key, ours!.id, 'pat', joined(ours!.body, words(word)));
        await dana.publishing.publish({ ...linked, directory: '/srv/other' }, { key });
        assert.equal(comments().length, 1);
        assert.equal(records()[0]?.directory, '/srv/other');
        assert.ok(textOf(comments()[0]?.body).includes(word));
        assert.deepEqual(await dana.publishing.withdraw(linked, { key }), { kind: 'withdrawn' });
        assert.deepEqual(records(), []);
        assert.ok(textOf(comments()[0]?.body).includes(word));
        assert.equal(await published(), undefined);
      });

      it('says that it was withdrawn, where nothing else is left of an edited one', async () => {
        await publish();
        const [ours] = comments();
        simulator.state.editComment(key, ours!.id, 'pat', ours!.body);
        await dana.publishing.withdraw(linked, { key });
        assert.match(textOf(comments()[0]?.body), /The record of session \S+ was withdrawn\./);
        assert.deepEqual(records(), []);
      });

      it('writes another comment rather than cut words out of a paragraph', async () => {
        const lines = [`Session ID: ${linked.id}`, word];
        const mixed: Body = cloud
          ? doc(paragraph('AI Analysis Started'), paragraph(lines[0]!, hardBreak(), lines[1]!))
          : `AI Analysis Started\r\n{noformat}\r\n${lines.join('\r\n')}\r\n{noformat}`;
        simulator.state.addComment(key, { author: 'dana', body: mixed });
        await publish();
        assert.deepEqual(comments()[0]?.body, mixed);
        assert.equal(records()[1]?.directory, '/srv/platform');
        await publish();
        assert.equal(comments().length, 2);
        await assert.rejects(
          dana.publishing.withdraw(linked, { key }),
          /^UserError: A comment of yours on PAY-1 names the session between other words\.$/,
        );
        assert.deepEqual(
          comments().map(({ body }) => body),
          [mixed],
        );
      });
    });

    it('shows a comment to nobody who could not see it before', async () => {
      await publish();
      const visibility = { type: 'role' as const, value: 'Developers' };
      comments()[0]!.visibility = visibility;
      await dana.publishing.publish({ ...linked, directory: '/srv/other' }, { key });
      assert.equal(records()[0]?.directory, '/srv/other');
      assert.equal(comments()[0]?.visibility?.value, 'Developers');
    });

    it('takes no second comment away that somebody else wrote into', async () => {
      await publish();
      const [ours] = comments();
      const second = simulator.state.addComment(key, { author: 'dana', body: ours!.body });
      simulator.state.editComment(key, second.id, 'pat', ours!.body);
      await publish();
      assert.equal(comments().length, 2);
    });

    it('says the same twice where nobody may delete', async () => {
      await publish();
      simulator.state.addComment(key, { author: 'dana', body: comments()[0]!.body });
      simulator.faults.add(refusal(403, 'No.'), { method: 'DELETE' });
      assert.equal((await publish()).kind, 'published');
      assert.equal(comments().length, 2);
    });

    describe('withdrawn', () => {
      it('is deleted, and gone from the index; nobody else’s comment is touched', async () => {
        const mira = await client({ user: 'mira' });
        await publish();
        await publish(mira);
        assert.deepEqual(await dana.publishing.withdraw(linked, { key }), {
          kind: 'withdrawn',
          namedBy: 'Mira Lindqvist',
        });
        assert.deepEqual(
          records().map(({ by }) => by),
          ['mira'],
        );
        assert.deepEqual(await mira.publishing.withdraw(linked, { key }), { kind: 'withdrawn' });
        assert.equal(comments().length, 0);
        assert.deepEqual((await dana.issues())[0]?.index?.records, []);
        assert.deepEqual(await dana.publishing.withdraw(linked, { key }), { kind: 'none' });
      });

      it('says so where nobody may delete', async () => {
        await publish();
        simulator.faults.add(refusal(403, 'No.'), { method: 'DELETE' });
        await dana.publishing.withdraw(linked, { key });
        assert.match(textOf(comments()[0]?.body), /was withdrawn/);
      });

      it('leaves the record of another session of ours', async () => {
        const other = session({ id: id(2), directory: '/srv/b' });
        await publish();
        await dana.publishing.publish(other, { key });
        await dana.publishing.withdraw(linked, { key });
        assert.deepEqual(
          records().map(({ sessionId }) => sessionId),
          [id(2)],
        );
      });
    });

    describe('where Jira', () => {
      for (const [what, fault] of [
        ['is down', { kind: 'status', status: 503 }],
        ['asks for fewer requests', { kind: 'rateLimit', retryAfter: 3600 }],
        ['is behind a login page', { kind: 'loginPage' }],
        ['drops the connection', { kind: 'reset' }],
      ] satisfies [string, Fault][])
        it(`${what}, owes the record, and pays it once`, async () => {
          const clear = simulator.faults.add(fault, { path: /\/comment/ });
          const publication = await publish();
          assert.equal(publication.kind, 'owed');
          assert.deepEqual(await owed(), [{ issueKey: key, sessionId: linked.id }]);
          assert.equal((await publish()).kind, 'owed');
          assert.equal((await owed()).length, 1);
          assert.equal((await dana.publishing.payOwed()).owed.length, 1);
          clear();
          const payment = await dana.publishing.payOwed();
          assert.equal(payment.published.length, 1);
          assert.deepEqual(payment.owed, []);
          assert.deepEqual(records(), [written]);
          assert.deepEqual((await dana.publishing.payOwed()).published, []);
          assert.equal(comments().length, 1);
        });

      it('took the comment without answering, finds it', async () => {
        simulator.faults.add(
          { kind: 'hang', afterWork: true },
          { method: 'POST', path: /\/comment$/, times: 1 },
        );
        const folder = await bed.folder('hasty');
        dana = await client({ folder });
        assert.equal((await publish(await client({ folder, timeoutMs: 1000 }))).kind, 'owed');
        assert.equal(comments().length, 1);
        assert.equal((await dana.publishing.payOwed()).published[0]?.commentId, comments()[0]?.id);
        assert.equal(comments().length, 1);
      });

      it('lets us not comment, says so and owes nothing', async () => {
        simulator.state.deny(key, 'comment');
        await assert.rejects(publish(), (error: UserError) => {
          assert.match(error.message, /^The record was not written on PAY-1: Jira .*permission to comment/);
          assert.equal(error.next, 'Ask for the permission to comment in this project, then publish again.');
          return true;
        });
        assert.deepEqual(await owed(), []);
      });

      for (const [what, fault, says] of [
        ['has an issue full of comments', refusal(413, 'Full.'), /takes no more comments/],
        ['has lost the issue', refusal(404, 'Issue does not exist.'), /gone, or hidden/],
        ['forbids it', refusal(403, 'No.'), /Ask for the permission/],
        ['finds it too long', refusal(400, 'The entered text is too long.'), /Shorten your comment/],
      ] satisfies [string, Fault, RegExp][])
        it(`${what}, says what to do and owes nothing`, async () => {
          simulator.faults.add(fault, { method: 'POST', path: /\/comment$/ });
          await assert.rejects(publish(), (error: UserError) => says.test(error.next));
          assert.deepEqual(await owed(), []);
        });

      it('lets us not write properties, publishes without the index', async () => {
        simulator.state.deny(key, 'edit');
        assert.equal((await publish()).kind, 'published');
        assert.equal(issue().properties.size, 0);
      });
    });

    it('leaves alone what is owed to another Jira with an issue of that key', async () => {
      const clear = simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/comment/ });
      await publish();
      clear();
      const [write] = (await dana.ledger.read()).owed;
      assert.equal(write?.jira, new URL(simulator.url).host);
      await dana.ledger.paid(write.id);
      const elsewhere = { ...write, jira: 'jira.other.example' };
      await dana.ledger.owe(elsewhere);
      assert.deepEqual(await dana.publishing.payOwed(), { published: [], owed: [], refused: [] });
      assert.equal(comments().length, 0);
      // Neither published nor withdrawn here it is settled there.
      await publish();
      await dana.publishing.withdraw(linked, { key });
      assert.deepEqual((await dana.ledger.read()).owed, [elsewhere]);
    });

    it('owes no more what was unlinked meanwhile', async () => {
      const clear = simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/comment/ });
      await publish();
      clear();
      await dana.ledger.remember({
        sessionId: linked.id,
        host: 'laptop',
        evidence: 'unlinked',
        key,
        flags: [],
        kind: 'other',
        createdAt: 1,
      });
      assert.deepEqual(await dana.publishing.payOwed(), { published: [], owed: [], refused: [] });
      assert.equal(comments().length, 0);
    });

    describe('in one window while another takes it back', () => {
      let other: Client;
      beforeEach(async () => {
        const folder = await bed.folder('windows');
        dana = await client({ folder });
        other = await client({ folder });
      });

      /** Lets the record wait on its way to Jira, and takes it back meanwhile. */
      async function meanwhile(write: () => Promise<unknown>, takeBack: () => Promise<unknown>) {
        const { released, release } = hold();
        simulator.faults.add(
          { kind: 'held', until: released },
          { method: 'POST', path: /\/comment$/, times: 1 },
        );
        simulator.requests.length = 0;
        const writing = write().then(
          (answer) => answer,
          (error: UserError) => error.line,
        );
        await until(() => simulator.requests.some(({ method }) => method === 'POST'), { what: 'the record is sent' }); // prettier-ignore
        await takeBack();
        release();
        return await writing;
      }
      const removed = `The record on ${key} was taken back while it was written, and removed again. Publish it again, if it should be there.`;

      it('by withdrawing, removes it again', async () => {
        const said = await meanwhile(publish, () => other.publishing.withdraw(linked, { key }));
        assert.deepEqual([said, records(), await owed(), await published()], [removed, [], [], undefined]);
      });

      it('by withdrawing what was published before, removes it again', async () => {
        await publish();
        comments().length = 0;
        const said = await meanwhile(publish, () => other.publishing.withdraw(linked, { key }));
        assert.deepEqual([said, records(), await owed(), await published()], [removed, [], [], undefined]);
      });

      it('by unlinking, removes what was owed', async () => {
        const clear = simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/comment/ });
        await publish();
        clear();
        const said = await meanwhile(
          () => dana.publishing.payOwed().then(({ refused }) => refused[0]?.error),
          () => other.ledger.remember({ sessionId: linked.id, host: 'laptop', evidence: 'unlinked', key, flags: [], kind: 'other', createdAt: 1 }),
        ); // prettier-ignore
        assert.deepEqual([said, records(), await owed()], [removed, [], []]);
      });

      it('leaves it where both only pay what is owed', async () => {
        const clear = simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/comment/ });
        await publish();
        clear();
        await meanwhile(
          () => dana.publishing.payOwed(),
          () => other.publishing.payOwed(),
        );
        assert.deepEqual([records(), await owed()], [[written], []]);
      });
    });

    describe('by two programs of one person at once', () => {
      for (const [what, delayed] of [
        ['both before either wrote', 'POST'],
        ['as they come', 'GET'],
      ] as const)
        it(`leaves one comment: ${what}`, async () => {
          const other = await client();
          for (let round = 1; round <= 10; round++) {
            const which = session({ ...linked, id: id(100 + round) });
            const clear = simulator.faults.add(
              { kind: 'delay', ms: round * 5 },
              { method: delayed, times: 1, path: /\/comment$/ },
            );
            await Promise.all([
              dana.publishing.publish(which, { key }),
              other.publishing.publish(which, { key }),
            ]);
            clear();
            assert.equal(records().filter(({ sessionId }) => sessionId === which.id).length, 1);
          }
        });
    });

    if (cloud)
      it('is found again after a kill between the comment and the note of it', async () => {
        const folder = await bed.folder('killed');
        simulator.faults.add(
          { kind: 'hang', afterWork: true },
          { method: 'POST', path: /\/comment$/, times: 1 },
        );
        const child = spawn(
          process.execPath,
          ['--import', 'tsx', join(__dirname, 'publishingChild.ts'), simulator.url, folder],
          { stdio: 'inherit' },
        );
        const exit = once(child, 'exit');
        await until(() => comments().length > 0 || child.exitCode !== null, {
          what: 'the comment is written',
        });
        child.kill('SIGKILL');
        await exit;
        const after = await client({ folder });
        assert.equal((await after.publishing.owed()).length, 1);
        assert.equal((await after.publishing.payOwed()).published[0]?.commentId, comments()[0]?.id);
        assert.equal(comments().length, 1);
        assert.deepEqual(await after.publishing.owed(), []);
      });
  });
