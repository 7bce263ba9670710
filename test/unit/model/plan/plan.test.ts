import assert from 'node:assert/strict';
import { mostSteps, parsePlan } from '../../../../src/model/plan/plan';

const titles = (markdown: string): string[] => parsePlan(markdown).map(({ title }) => title);
const texts = (markdown: string): string[] => parsePlan(markdown).map(({ text }) => text);

describe('the steps of a plan', () => {
  const headings: [name: string, plan: string, wanted: string[]][] = [
    ['with a colon', '# Plan\n## Step 1: Add a column\n## Step 2: Fill it\n', ['Add a column', 'Fill it']],
    ['numbers alone', '## 1. Add\n\n## 2) Fill\n', ['Add', 'Fill']],
    ['German', '### Schritt 1 – Spalte\n### Schritt 2 – Füllen\n', ['Spalte', 'Füllen']],
    ['French', '## Étape n° 1 : Colonne\n## Étape n° 2 : Remplir\n', ['Colonne', 'Remplir']],
    ['Chinese', '## 第1步：加列\n## 第二步：填充\n', ['加列', '填充']],
    ['Korean', '## 1단계: 열\n## 2단계: 채움\n', ['열', '채움']],
    ['Japanese', '## ステップ１：列\n## ステップ２：値\n', ['列', '値']],
    ['Russian', '## Шаг 1. Столбец\n## Шаг 2. Данные\n', ['Столбец', 'Данные']],
    ['an unknown word', '## Etappe 1: A\n## Etappe 2: B\n## Risiko 3: C\n', ['A', 'B']],
    ['of so many', '## Step 1/2: A\n## Step 2 of 2: B\n', ['A', 'B']],
    ['no sign', '## Step 1 Add\n## Step 2 Fill\n', ['Add', 'Fill']],
    ['blanks only', '## 1 Add\n## 2 Fill\n', ['Add', 'Fill']],
    ['markup', '## **Step 1:** Add `x_y`\n## [Step 2](a.md): *Fill* <b>it</b>\n', ['Add x_y', 'Fill it']],
    ['boxes', '## [ ] Step 1: A\n## [x] Step 2: B\n', ['A', 'B']],
    ['no titles', '## Step 1\n## Step 2\n', ['Step 1', 'Step 2']],
    ['numbers twice', '## Step 1: A\n## Step 2: B\n## Step 2: C\n', ['A', 'B', 'C']],
    ['of points', '## Phase 1\n### Step 1.1: A\n### Step 1.2: B\n## Phase 2\n### Step 2.1: C\n', ['A', 'B', 'C']],
    ['steps in numbered parts', '## 1. Overview\n## 2. Steps\n### Step 1: A\n### Step 2: B\n## 3. Risks\n', ['A', 'B']],
    ['underlined', 'Step 1: A\n---------\n\ntext\n\nStep 2: B\n---------\n', ['A', 'B']],
    ['one', '# PAY-1\n## Step 1: All of it\n## Risks\n', ['All of it']],
    ['closed, with CRLF and BOM', '\ufeff## Step 1: A ##\r\n\r\n## Step 2: B ##\r\n', ['A', 'B']],
    ['YAML before', '---\nStep 9: x\n---\n## Step 1: A\n## Step 2: B\n', ['A', 'B']],
  ]; // prettier-ignore
  for (const [name, plan, wanted] of headings)
    it(`under numbered headings: ${name}`, () => assert.deepEqual(titles(plan), wanted));

  it('end where their heading does; other sections belong to none', () => {
    const plan =
      '# Plan\nIntro\n## Overview\n1. not\n## Step 1: A\na\n### Files\n1. x\n## Note\nn\n## Step 2: B\nb\n\n## Roll-back\ndrop it\n';
    assert.deepEqual(texts(plan), ['## Step 1: A\na\n### Files\n1. x', '## Step 2: B\nb']);
  });

  const hidden: [string, string][] = [
    ['a fence', '```md\n## Step 9: no\n```\n'],
    ['a fence of tildes', '~~~~\n~~~\n## Step 9: no\n~~~~\n'],
    ['a fence in a list', '- x\n\n  ```\n## Step 9: no\n  ```\n'],
    ['a comment', '<!--\n## Step 9: no\n-->\n'],
    ['a quote', '> ## Step 9: no\n'],
    ['indented code', 'x\n\n    ## Step 9: no\n'],
  ];
  for (const [name, block] of hidden)
    it(`are not in ${name}`, () => {
      assert.deepEqual(titles(`## Step 1: A\n${block}\n## Step 2: B\n`), ['A', 'B']);
      assert.deepEqual(titles(`1. A\n2. B\n\n${block.replaceAll('## Step 9: no', '9. no')}`), ['A', 'B']);
    });

  it('are the numbered items, where no headings count', () => {
    const plan = '# PAY-1: Plan\nIntro\n\n1. **Add** a column\n   - nested\n     1. deep\n2. Fill it.\n\n   More of it.\n\nLater: x\n'; // prettier-ignore
    assert.deepEqual(parsePlan(plan), [
      { title: 'Add', text: '1. **Add** a column\n   - nested\n     1. deep' },
      { title: 'Fill it', text: '2. Fill it.\n\n   More of it.' },
    ]);
    assert.deepEqual(texts('1. A\n- bullet\n\nMore on A.\n\n2) B\n- c\n'), ['1. A\n- bullet\n\nMore on A.', '2) B\n- c']); // prettier-ignore
  });

  it('are those under a heading that speaks of steps', () => {
    const plan = '## Goals\n1. fast\n## Implementation steps\n### Backend\n1. A\n### Web\n1. B\n## Open questions\n1. who?\n'; // prettier-ignore
    assert.deepEqual(titles(plan), ['A', 'B']);
    assert.deepEqual(titles('## Backend\n1. A\n## Web\n1. B\n'), ['A', 'B']);
  });

  it('are boxes, where nothing is numbered', () => {
    assert.deepEqual(titles('# Plan\n- [ ] A\n  - [ ] deep\n- [x] B\n- c\n'), ['A', 'B']);
  });

  it('are one, where nothing counts', () => {
    const plan = '# Upload in parts\n\nDo it.\n\n## 2024 figures\n\n- a\n- b';
    assert.deepEqual(parsePlan(plan), [{ title: 'Upload in parts', text: plan }]);
    assert.deepEqual(titles(''), ['The whole plan']);
  });

  it('have titles of one harmless, bounded line', () => {
    const [title] = titles(`## Step 1: a\u202eb\u0007c\u200bd ${'word '.repeat(1000)}`);
    assert.match(title!, /^a b c d word [a-z ]{50,110}…$/);
    for (const one of titles(`1. ${'\u{1f600}'.repeat(300)}`)) assert.doesNotMatch(one, /\p{Cs}/u);
  });

  it(`are at most ${mostSteps}`, () => {
    const steps = (count: number): string =>
      Array.from({ length: count }, (_, at) => `## Step ${at + 1}: x`).join('\n');
    assert.equal(parsePlan(steps(mostSteps)).length, mostSteps);
    assert.throws(() => parsePlan(steps(1000)), {
      name: 'UserError',
      message: /has 1000 steps, and at most 100/,
    });
  });

  it('are found in time linear in the plan, whatever it holds', () => {
    const parts = [
      '# steps\n1. a\n', '## 1. x\n', '- [ ] ', '> ', '`'.repeat(3) + '\n', '<!--', '[', '**', '<b', '![](', ' ', '\t', '- ', '* ',
      '1.1.1.1', '第', '\\', '_a', 'a\n-\n', 'Step 1 of ', '\n\n  x',
    ]; // prettier-ignore
    for (const part of parts)
      for (const around of ['', '## ', '1. '])
        for (const text of [
          around + part.repeat(60_000 / part.length),
          `${around}${part}\n`.repeat(60_000 / (part.length + 4)),
        ]) {
          const began = process.cpuUsage();
          try {
            parsePlan(text);
          } catch (error) {
            assert.equal((error as Error).name, 'UserError');
          }
          const { user, system } = process.cpuUsage(began);
          assert.ok(user + system < 300_000, `${JSON.stringify(around + part)} took ${user + system} µs`);
        }
  }).timeout(20_000);
});
