import assert from 'node:assert/strict';
import {
  fillFields,
  type FieldValues,
  type RequiredField,
} from '../../../../src/model/gate/approval/requiredField';

const risk: RequiredField = {
  id: 'customfield_1',
  name: 'Risk',
  kind: 'option',
  options: [
    { id: '10', label: 'Low' },
    { id: '11', label: 'High' },
    { id: '12', label: 'twice' },
    { id: '13', label: 'Twice' },
  ],
};
const of = (kind: RequiredField['kind']): RequiredField => ({ id: 'f', name: 'Field', kind });
const parts: RequiredField = { ...risk, id: 'parts', name: 'Parts', kind: 'options' };

const filled: [RequiredField, string | string[], string[]][] = [
  [of('text'), ' why ', ['why']],
  [of('paragraph'), 'one\ntwo', ['one\ntwo']],
  [of('number'), '2.5', ['2.5']],
  [of('date'), '2026-02-28', ['2026-02-28']],
  [of('user'), '712020:abc', ['712020:abc']],
  [{ ...of('user'), options: [{ id: 'dana', label: 'Dana Developer' }] }, 'dana developer', ['dana']],
  [risk, '11', ['11']],
  [risk, 'high', ['11']],
  [parts, ['Low', '11', 'low'], ['10', '11']],
];

const wrong: [RequiredField, string | string[], RegExp][] = [
  [of('text'), 'one\ntwo', /one line/],
  [of('text'), 'x'.repeat(300), /too long/],
  [of('text'), ['a', 'b'], /one value/],
  [of('number'), 'many', /no number/],
  [of('number'), 'Infinity', /no number/],
  [of('date'), '2026-02-30', /no date/],
  [of('date'), 'tomorrow', /no date/],
  [risk, 'Medium', /no “Medium”, but Low, High/],
  [risk, 'TWICE', /no “TWICE”/],
  [parts, ['Low', 'None'], /no “None”/],
];

describe('the fields that a transition asks for', () => {
  for (const [field, given, values] of filled)
    it(`take ${field.kind} ${JSON.stringify(given)}`, () =>
      assert.deepEqual(fillFields([field], { [field.id]: given }), {
        kind: 'filled',
        fields: [{ id: field.id, kind: field.kind, values }],
      }));

  for (const [field, given, why] of wrong)
    it(`do not take ${field.kind} ${JSON.stringify(given).slice(0, 40)}`, () => {
      const answer = fillFields([field], { [field.id]: given });
      if (answer.kind === 'filled') return assert.fail(JSON.stringify(answer.fields));
      assert.equal(answer.missing.length, 0);
      assert.match(answer.wrong[0] ?? '', why);
    });

  it('name what is missing, and leave out what nobody asks for', () => {
    const missing = (fields: RequiredField[], given: FieldValues): string[] => {
      const answer = fillFields(fields, given);
      return answer.kind === 'open' ? answer.missing.map(({ name }) => name) : [];
    };
    assert.deepEqual(missing([of('text'), risk], { f: '  ', other: 'x' }), ['Field', 'Risk']);
    assert.deepEqual(missing([of('unsupported')], { f: 'x' }), ['Field']);
    assert.deepEqual(missing([{ ...of('text'), id: 'constructor' }], {}), ['Field']);
    assert.deepEqual(fillFields([], { other: 'x' }), { kind: 'filled', fields: [] });
  });
});
