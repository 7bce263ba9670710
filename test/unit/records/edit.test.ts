import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { cleanLine } from '../../../src/model/record/line';
import type { SessionFields } from '../../../src/model/record/linkRecord';
import { parseRecords } from '../../../src/model/record/parse';
import { markupLines } from '../../../src/sources/jira/markup/lines';
import { readMarkup } from '../../../src/sources/jira/markup/read';
import {
  isOnlyRecord,
  recordBody,
  recordIn,
  withoutRecord,
  withRecord,
} from '../../../src/sources/jira/records/body';
import { adfProblem } from '../../jira/text/adfCheck';
import { doc, node, otherId, paragraph, sessionId, shapes, text } from './shapes';

const place = { issueKey: 'JIRA-456' };
const fields: SessionFields = {
  title: 'AI Analysis Complete',
  sessionId,
  host: 'laptop',
  directory: '/home/dana/src/platform',
  branch: 'task/JIRA-456-analysis',
  docs: ['task_desc.md', 'critic.md'],
  status: 'Linked by Dana',
};
const formats = ['adf', 'wiki'] as const;

const linesOf = (body: unknown): string[] =>
  markupLines(readMarkup(body))
    .map((line) => cleanLine(line.text))
    .filter((line) => line !== '');

type Node = Record<string, unknown>;
const nodesOf = (body: unknown): Node[] => (body as { content: Node[] }).content;

/** A comment with words before and after a body, in that body's own format. */
const between = (before: string, body: unknown, after: string): unknown =>
  typeof body === 'string'
    ? `${before}\n\n${body}\n\n${after}`
    : doc(paragraph(before), ...nodesOf(body), paragraph(after));

/** As Cloud gives nodes back. */
function withLocalIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLocalIds);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Node = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withLocalIds(one)]));
  const isBlock = ['paragraph', 'heading', 'panel', 'codeBlock', 'bulletList'].includes(String(copy['type']));
  return isBlock ? { ...copy, attrs: { ...(copy['attrs'] as Node), localId: 'f00d' } } : copy;
}

/** Where the record and what is no record share one piece: nobody rewrites those. */
const inseparable = new Set(['value on the next line']);

describe('a record in a comment', () => {
  for (const [name, body] of Object.entries(shapes))
    if (inseparable.has(name))
      it(`is left alone: ${name}`, () => {
        assert.equal(withRecord(body, fields, place), undefined);
        assert.equal(withoutRecord(body, sessionId), undefined);
      });
    else
      it(`is written anew, with every other word kept: ${name}`, () => {
        const whole = between('Hello Dana.', body, 'What do you think?');
        const own = linesOf(body);
        const edited = withRecord(whole, fields, place);
        assert.ok(edited !== undefined);
        assert.deepEqual(recordIn(edited, sessionId), fields);
        assert.equal(linesOf(edited)[0], 'Hello Dana.');
        assert.equal(linesOf(edited).at(-1), 'What do you think?');
        assert.ok(linesOf(edited).length <= own.length + linesOf(recordBody('adf', fields, place)).length);
        const again = withRecord(edited, { ...fields, host: 'devserver' }, place);
        assert.equal(recordIn(again, sessionId)?.host, 'devserver');
        assert.deepEqual(
          linesOf(withoutRecord(again, sessionId)?.rest),
          linesOf(withoutRecord(whole, sessionId)?.rest),
        );
      });

  for (const format of formats)
    describe(format, () => {
      const ours = recordBody(format, fields, place);
      const wiki = (body: unknown): string => (typeof body === 'string' ? body : '');

      it('of ours is all that its comment says', () => {
        assert.ok(isOnlyRecord(ours, sessionId));
        assert.equal(isOnlyRecord(ours, otherId), false);
        assert.equal(isOnlyRecord(between('Hello.', ours, 'Bye.'), sessionId), false);
      });

      it('is written in its own place', () => {
        const edited = withRecord(ours, { ...fields, host: 'devserver' }, place);
        assert.deepEqual(edited, recordBody(format, { ...fields, host: 'devserver' }, place));
      });

      it('leaves the records of other sessions in the comment', () => {
        const other = recordBody(format, { title: 'AI Handoff', sessionId: otherId, reason: 'full' }, place);
        const both =
          format === 'wiki'
            ? `${wiki(other)}\n${wiki(ours)}\n${wiki(other)}`
            : doc(...nodesOf(other), ...nodesOf(ours), ...nodesOf(other));
        const without = withoutRecord(both, sessionId)?.rest;
        assert.deepEqual(
          parseRecords(markupLines(readMarkup(without))).map((record) => record.sessionId),
          [otherId, otherId],
        );
      });

      it('of a run is found again and written anew, whatever a host said of why it failed', () => {
        const piece = fc.constantFrom(
          'rejected.', '"quoted"', "it's", '(see', '[x|y]', '{code}', '*bold*', '`tick`', '$(id)', 'a: b', 'C:\\dir',
          '- item', 'Status: x', 'https://x.example/a?b=c.', '…', '|', '\u202e', '😀', '--', '#1', '!important!', 'Docs generated:',
          'AI Analysis Complete', '{panel}', '--resume', 'ssh -t x', '•', ',', '~', '\\\\', '^', '??', '> quote', '\t', 'h1. x',
        ); // prettier-ignore
        const reason = fc
          .array(fc.oneof(piece, fc.string({ unit: 'grapheme', maxLength: 12 })), {
            minLength: 1,
            maxLength: 60,
          })
          .map((pieces) => pieces.join(' ').slice(0, 500));
        fc.assert(
          fc.property(reason, (why) => {
            const failed = { ...fields, title: 'AI Analysis Failed' as const, reason: why, status: 'Failed' };
            const body = recordBody(format, failed, place);
            const started = { ...fields, title: 'AI Analysis Started' as const, status: 'Running' };
            assert.ok(isOnlyRecord(body, sessionId), 'it is not known as ours');
            assert.deepEqual(withRecord(body, started, place), recordBody(format, started, place));
          }),
          { numRuns: 300 },
        );
      });

      it('takes no word of anybody away, wherever it stands', () => {
        const word = fc.constantFrom(
          'Please look.',
          'Estimate: 3 days',
          'Branch: we should use another',
          '- task_desc.md is too long',
          'Why is the session at /srv?',
          'AI Analysis Complete, I think',
        );
        fc.assert(
          fc.property(fc.array(fc.tuple(fc.nat(30), word), { maxLength: 4 }), (remarks) => {
            const pieces: unknown[] =
              format === 'wiki' ? wiki(ours).split('\n') : [...nodesOf(nodesOf(ours)[0])];
            for (const [at, remark] of remarks)
              pieces.splice(at % (pieces.length + 1), 0, format === 'wiki' ? remark : paragraph(remark));
            const body =
              format === 'wiki' ? pieces.join('\n') : doc({ ...nodesOf(ours)[0], content: pieces });
            const before = linesOf(body);
            for (const after of [
              withRecord(body, { ...fields, host: 'devserver' }, place),
              withoutRecord(body, sessionId)?.rest,
            ])
              if (after !== undefined)
                for (const [, remark] of remarks) {
                  const said = cleanLine(remark);
                  const count = (lines: string[]): number => lines.filter((one) => one.includes(said)).length;
                  assert.ok(count(linesOf(after)) >= count(before), `${said} is gone`);
                }
          }),
          { numRuns: 300 },
        );
      });
    });

  it('stays what Jira takes, with nodes that we do not know as they were', () => {
    const media = {
      type: 'mediaSingle',
      attrs: { layout: 'center' },
      content: [{ type: 'media', attrs: { type: 'file', id: '7', collection: '' } }],
    };
    const panel = nodesOf(recordBody('adf', fields, place))[0]!;
    const body = withLocalIds(doc(media, { ...panel, content: [...nodesOf(panel), paragraph('Nice.')] }));
    const edited = withRecord(body, { ...fields, host: 'devserver' }, place);
    assert.deepEqual(nodesOf(edited)[0], media);
    assert.equal(
      adfProblem(JSON.parse(JSON.stringify(edited).replaceAll(/,?"localId":"f00d"/g, ''))),
      undefined,
    );
    assert.deepEqual(linesOf(withoutRecord(edited, sessionId)?.rest), ['Nice.']);
  });

  it('is not cut out of a paragraph that says more', () => {
    const mixed = doc(
      paragraph('AI Analysis Complete'),
      paragraph(`Session ID: ${sessionId}`, { type: 'hardBreak' }, text('Pat, is that yours?', 'strong')),
    );
    assert.ok(recordIn(mixed, sessionId));
    assert.equal(withRecord(mixed, fields, place), undefined);
    assert.equal(withoutRecord(mixed, sessionId), undefined);
  });

  for (const [what, quoted] of [
    [
      'ADF',
      doc(node('blockquote', paragraph('AI Analysis Complete'), paragraph(`Session ID: ${sessionId}`))),
    ],
    ['wiki markup', `{quote}\nAI Analysis Complete\nSession ID: ${sessionId}\n{quote}`],
  ] as const)
    it(`is not found in what is quoted: ${what}`, () => {
      assert.equal(recordIn(quoted, sessionId), undefined);
      assert.equal(withRecord(quoted, fields, place), undefined);
    });
});
