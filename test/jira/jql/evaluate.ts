import { PRIORITIES } from '../defaults';
import type { Issue } from '../entities';
import { plainText } from '../text/adf';
import { dateOperand, toMinute } from './dates';
import { nameOperand, namesOf, sameName, type Searcher } from './fields';
import { JqlError, parseJql, type Clause, type Operand, type Operator } from './parse';

type Test = (issue: Issue) => boolean;
type Term = Extract<Clause, { kind: 'term' }>;

/** Compiles a clause to a test; throws {@link JqlError} for what Jira would refuse. */
export function compile(clause: Clause, who: Searcher): Test {
  switch (clause.kind) {
    case 'and': {
      const tests = clause.clauses.map((part) => compile(part, who));
      return (issue) => tests.every((test) => test(issue));
    }
    case 'or': {
      const tests = clause.clauses.map((part) => compile(part, who));
      return (issue) => tests.some((test) => test(issue));
    }
    case 'not': {
      const test = compile(clause.clause, who);
      return (issue) => !test(issue);
    }
    default:
      return compileTerm(clause, who);
  }
}

function compileTerm(term: Term, who: Searcher): Test {
  const field = term.field.toLowerCase();
  switch (field) {
    case 'created':
    case 'createddate':
    case 'updated':
    case 'updateddate':
      return compileDate(term, who, field.startsWith('created') ? 'created' : 'updated');
    case 'text':
    case 'summary':
    case 'description':
    case 'comment':
      return compileText(term, field);
    case 'filter':
    case 'savedfilter':
    case 'request':
      return compileFilter(term, who);
    case 'sprint':
      return compileSprint(term);
    case 'priority':
      if (!['<', '<=', '>', '>='].includes(term.operator)) break;
      return compare(term, (issue) => PRIORITIES.indexOf(issue.priority ?? ''), rank(term));
  }
  return compileNames(term, who);
}

/** Fields whose values are names, compared without case. */
function compileNames(term: Term, who: Searcher): Test {
  const names = namesOf(term.field);
  const empty = isEmptyTest(term.values);
  if (term.operator === 'is' || term.operator === 'is not' || empty) {
    if (!empty || !['is', 'is not', '=', '!='].includes(term.operator)) throw unsupported(term);
    const wanted = term.operator === 'is' || term.operator === '=';
    return (issue) => (names(issue).length === 0) === wanted;
  }
  if (!['=', '!=', 'in', 'not in'].includes(term.operator)) throw unsupported(term);
  const wanted = new Set(term.values.map((value) => nameOperand(term.field, value, who).toLowerCase()));
  const has: Test = (issue) => names(issue).some((name) => wanted.has(name.toLowerCase()));
  if (term.operator === '=' || term.operator === 'in') return has;
  // As in Jira, an empty field is in neither half.
  return (issue) => names(issue).length > 0 && !has(issue);
}

function compileDate(term: Term, { state, user }: Searcher, field: 'created' | 'updated'): Test {
  const [value] = term.values;
  if (!value || isEmptyTest(term.values)) throw unsupported(term);
  return compare(
    term,
    (issue) => toMinute(issue[field]),
    dateOperand(field, value, state.clock.now(), user.timeZone),
  );
}

function compare(term: Term, value: (issue: Issue) => number, bound: number): Test {
  const tests: Partial<Record<Operator, Test>> = {
    '<': (issue) => value(issue) < bound,
    '<=': (issue) => value(issue) <= bound,
    '>': (issue) => value(issue) > bound,
    '>=': (issue) => value(issue) >= bound,
    '=': (issue) => value(issue) === bound,
    '!=': (issue) => value(issue) !== bound,
  };
  const test = tests[term.operator];
  if (!test) throw unsupported(term);
  return test;
}

function rank(term: Term): number {
  const [value] = term.values;
  const text = value?.kind === 'text' ? value.text : '';
  const found = PRIORITIES.findIndex((name) => sameName(name, text));
  if (found < 0) throw new JqlError(`The value '${text}' does not exist for the field 'priority'.`);
  return found;
}

function compileText(term: Term, field: string): Test {
  const [value] = term.values;
  const texts = (issue: Issue): string[] => {
    const summary = field === 'summary' || field === 'text' ? [issue.summary] : [];
    const description = field === 'description' || field === 'text' ? [issue.description] : [];
    const comments = field === 'comment' || field === 'text' ? issue.comments.map(({ body }) => body) : [];
    return [
      ...summary,
      ...[...description, ...comments].map((body) =>
        typeof body === 'string' ? body : body ? plainText(body) : '',
      ),
    ];
  };
  if (term.operator === 'is' || term.operator === 'is not') {
    return (issue) => texts(issue).every((text) => text === '') === (term.operator === 'is');
  }
  if (!['~', '!~'].includes(term.operator) || value?.kind !== 'text') throw unsupported(term);
  const words = value.text
    .toLowerCase()
    .split(/[\s"*]+/)
    .filter((word) => word !== '');
  const has: Test = (issue) => {
    const all = texts(issue).join('\n').toLowerCase();
    return words.every((word) => all.includes(word));
  };
  return term.operator === '~' ? has : (issue) => !has(issue);
}

function compileFilter(term: Term, who: Searcher): Test {
  if (!['=', '!=', 'in', 'not in'].includes(term.operator)) throw unsupported(term);
  const tests = term.values.map((value) => {
    const text = value.kind === 'text' ? value.text : '';
    const filter = who.state.filters.find((filter) => filter.id === text || sameName(filter.name, text));
    if (!filter) throw new JqlError(`The value '${text}' does not exist for the field 'filter'.`);
    const { where } = parseJql(filter.jql);
    return where ? compile(where, who) : () => true;
  });
  const wanted = term.operator === '=' || term.operator === 'in';
  return (issue) => tests.some((test) => test(issue)) === wanted;
}

function compileSprint(term: Term): Test {
  if (isEmptyTest(term.values)) {
    const wanted = term.operator === 'is' || term.operator === '=';
    return (issue) => (issue.sprint === null) === wanted;
  }
  const wanted = term.operator === '=' || term.operator === 'in';
  const states: Record<string, string> = {
    opensprints: 'active',
    closedsprints: 'closed',
    futuresprints: 'future',
  };
  const has: Test = ({ sprint }) =>
    sprint !== null &&
    term.values.some((value) =>
      value.kind === 'call'
        ? states[value.name.toLowerCase()] === sprint.state
        : sameName(value.text, sprint.name) || value.text === String(sprint.id),
    );
  return (issue) => issue.sprint !== null && has(issue) === wanted;
}

function isEmptyTest(values: Operand[]): boolean {
  const [value] = values;
  return value?.kind === 'text' && /^(?:empty|null|unresolved|unassigned)$/i.test(value.text);
}

function unsupported(term: Term): JqlError {
  return new JqlError(`The operator '${term.operator}' is not supported by the '${term.field}' field.`);
}
