import assert from 'node:assert/strict';
import { choiceOf, mappingOf, workflowWarnings } from '../../../../src/model/phase/workflow/choice';
import { nameFits } from '../../../../src/model/phase/workflow/names';
import { proposeWorkflow, type ProjectStatus } from '../../../../src/model/phase/workflow/propose';
import { settings } from '../examples';

/** `name` in category new, `~name` under way, `!name` done; in the order of the workflow. */
const workflow = (names: string): ProjectStatus[] =>
  names.split(' | ').map((text) => ({
    name: text.replace(/^[~!]/, ''),
    category: text.startsWith('~') ? 'indeterminate' : text.startsWith('!') ? 'done' : 'new',
    issueTypes: ['Story', 'Bug'],
  }));

/** One line a phase: its status, `?` where somebody should look, `=` where it was mapped before. */
const proposed = (names: string, phases: Record<string, string | string[]> = {}): Record<string, string> =>
  Object.fromEntries(
    proposeWorkflow(workflow(names), settings({ phases }).phases).map(({ phase, status, sure, because }) => [
      phase,
      `${status ?? '-'}${sure ? '' : ' ?'}${because === 'kept' ? ' =' : ''}`,
    ]),
  );

const cases: { name: string; statuses: string; is: Record<string, string> }[] = [
  {
    name: 'one status for each phase',
    statuses: 'To Do | ~AI Analysis | ~Ready for Review | ~Approved | ~In Development | ~In Review | !Done',
    is: { backlog: 'To Do', analyzing: 'AI Analysis', awaitingReview: 'Ready for Review', approved: 'Approved', implementing: 'In Development', inReview: 'In Review', done: 'Done' },
  },
  {
    name: 'Jira’s own of three statuses',
    statuses: 'To Do | ~In Progress | !Done',
    is: { backlog: 'To Do', analyzing: '-', awaitingReview: '-', approved: '-', implementing: 'In Progress', inReview: '-', done: 'Done' },
  },
  {
    name: 'Kanban',
    statuses: 'Backlog | Selected for Development | ~In Progress | !Done',
    is: { backlog: 'Backlog', analyzing: '-', awaitingReview: '-', approved: 'Selected for Development ?', implementing: 'In Progress', inReview: '-', done: 'Done' },
  },
  {
    name: 'a review after the work, which is that of code',
    statuses: 'Open | ~In Progress | ~Ready for Review | ~QA | !Closed',
    is: { backlog: 'Open', analyzing: '-', awaitingReview: '- ?', approved: '-', implementing: 'In Progress', inReview: 'Ready for Review ?', done: 'Closed' },
  },
  {
    name: 'other words and several ends',
    statuses: 'Funnel | ~In Refinement | ~Awaiting Approval | Ready for Dev | ~Coding | ~Code Review | ~Blocked | !Released | !Won’t Do',
    is: { backlog: 'Funnel', analyzing: 'In Refinement', awaitingReview: 'Awaiting Approval', approved: 'Ready for Dev', implementing: 'Coding', inReview: 'Code Review', done: 'Released' },
  },
  {
    name: 'German',
    statuses: 'Zu erledigen | ~In Analyse | ~Wartet auf Freigabe | ~Freigegeben | ~In Bearbeitung | ~In Prüfung | !Fertig',
    is: { backlog: 'Zu erledigen', analyzing: 'In Analyse', awaitingReview: 'Wartet auf Freigabe', approved: 'Freigegeben', implementing: 'In Bearbeitung', inReview: 'In Prüfung', done: 'Fertig' },
  },
  {
    name: 'French',
    statuses: 'À faire | ~En analyse | ~En attente de validation | ~Validé | ~En cours | ~Revue de code | !Terminé',
    is: { backlog: 'À faire', analyzing: 'En analyse', awaitingReview: 'En attente de validation', approved: 'Validé', implementing: 'En cours', inReview: 'Revue de code', done: 'Terminé' },
  },
  {
    name: 'Spanish',
    statuses: 'Tareas por hacer | ~Análisis | ~Pendiente de aprobación | ~Aprobado | ~En curso | ~Revisión de código | !Listo',
    is: { backlog: 'Tareas por hacer', analyzing: 'Análisis', awaitingReview: 'Pendiente de aprobación', approved: 'Aprobado', implementing: 'En curso', inReview: 'Revisión de código', done: 'Listo' },
  },
  {
    name: 'names that say nothing',
    statuses: 'Stage 0 | ~Stage 1 | !Stage 2',
    is: { backlog: 'Stage 0 ?', analyzing: '-', awaitingReview: '-', approved: '-', implementing: 'Stage 1 ?', inReview: '-', done: 'Stage 2 ?' },
  },
  {
    name: 'two that fit alike',
    statuses: 'To Do | ~In Progress | ~Code Review | ~Peer Review | !Done',
    is: { backlog: 'To Do', analyzing: '-', awaitingReview: '-', approved: '-', implementing: 'In Progress', inReview: 'Code Review ?', done: 'Done' },
  },
  {
    name: 'names of the wrong category',
    statuses: 'Done | ~To Do | !In Progress',
    is: { backlog: 'Done ?', analyzing: '-', awaitingReview: '-', approved: '-', implementing: 'To Do ?', inReview: '-', done: 'In Progress ?' },
  },
]; // prettier-ignore

describe('the proposal for a project’s workflow', () => {
  for (const { name, statuses, is } of cases)
    it(`of ${name}`, () => assert.deepEqual(proposed(statuses), is));

  it('keeps what is mapped, and what other projects have', () => {
    const statuses = workflow('To Do | ~Approved | ~Go | ~In Progress | !Done');
    const { phases } = settings({ phases: { approved: ['go', 'Freigegeben'], done: 'Fertig' } });
    const proposal = proposeWorkflow(statuses, phases);
    const approved = proposal.find(({ phase }) => phase === 'approved');
    assert.deepEqual(
      [approved?.status, approved?.because, approved?.elsewhere],
      ['Go', 'kept', ['Freigegeben']],
    );
    assert.deepEqual(mappingOf(choiceOf(proposal), statuses, phases), {
      backlog: 'To Do',
      approved: ['Freigegeben', 'Go'],
      implementing: 'In Progress',
      done: ['Fertig', 'Done'],
    });
  });

  it('never gives one status to two phases', () => {
    for (const { statuses } of cases) {
      const given = proposeWorkflow(workflow(statuses), {}).flatMap(({ status }) => status ?? []);
      assert.equal(new Set(given).size, given.length);
    }
  });

  it('takes a slip of the finger for what it means, and no word for another', () => {
    assert.ok(nameFits('In Developmnet', 'implementing') >= 75);
    assert.ok(nameFits('IN-REVIEW', 'inReview') === 100);
    assert.equal(nameFits('Approval denied', 'approved'), 0);
    assert.equal(nameFits('', 'backlog'), 0);
    assert.equal(nameFits('Cancelled', 'done'), 0);
  });

  it('warns of what will not work', () => {
    const statuses = workflow('To Do | ~Shared | !Done');
    const warned = (phases: Record<string, string>, approvers: string[] = []): string[] =>
      workflowWarnings(settings({ phases }).phases, statuses, approvers);
    assert.match(warned({})[0] ?? '', /nobody is among the approvers: no approval will count/);
    assert.match(warned({}, ['pat'])[0] ?? '', /counts if its author is among the approvers/);
    assert.deepEqual(warned({ approved: 'shared' }), []);
    assert.match(
      warned({ approved: 'Shared', implementing: 'Shared' })[0] ?? '',
      /“Shared” stands for Approved and Implementing, so it tells neither/,
    );
    const ofStories = [{ ...statuses[1]!, issueTypes: ['Story'] }, statuses[0]!];
    assert.deepEqual(workflowWarnings({ approved: 'Shared' }, ofStories, []), [
      'Approved: the workflow of Bug has no such status.',
    ]);
  });
});
