import { phases, type Phase } from '../../task/task';

/**
 * How projects call their statuses, in English, German, French and Spanish, without accents. What fits, while another
 * phase may fit better, stands in `weak`.
 */
const names: Readonly<Record<Phase, { strong: readonly string[]; weak: readonly string[] }>> = {
  backlog: {
    strong: [
      'backlog, to do, todo, open, new, funnel, inbox, triage',
      'zu erledigen, offen, neu, aufgaben',
      'a faire, ouvert, ouverte, nouveau, nouvelle, arriere plan',
      'por hacer, tareas por hacer, abierto, abierta, nuevo, nueva, pendiente',
    ],
    weak: ['reopened, wieder geoffnet, rouvert, reabierto, ideas, ideen, idees'],
  },
  analyzing: {
    strong: [
      'analysis, in analysis, analyzing, analysing, refinement, in refinement, refining',
      'ai analysis, specification, specifying, planning, investigation, investigating',
      'analyse, in analyse, wird analysiert, verfeinerung, spezifikation, in klarung, planung',
      'en analyse, analyse en cours, affinage, cadrage, conception',
      'analisis, en analisis, refinamiento, especificacion, planificacion',
    ],
    weak: ['grooming, discovery, design, in design, entwurf, diseno, research'],
  },
  awaitingReview: {
    strong: [
      'awaiting review, ready for review, waiting for review, plan review, spec review',
      'specification review, design review, awaiting approval, waiting for approval',
      'pending approval, in approval, to approve, awaiting developer review, analysis review',
      'wartet auf freigabe, zur freigabe, zur prufung, bereit zur prufung, wartet auf prufung',
      'zur genehmigung, in freigabe, konzeptprufung',
      'en attente de validation, en attente d approbation, a valider, a approuver, a verifier',
      'pendiente de aprobacion, esperando aprobacion, por aprobar, pendiente de revision',
      'listo para revision, por validar',
    ],
    weak: ['review, prufung, validation, revision, revue, pending, analyzed, analysiert'],
  },
  approved: {
    strong: [
      'approved, ready for development, ready for dev, ready for implementation, ready to start',
      'ready to implement, ready to develop, accepted for development, approved for implementation',
      'freigegeben, genehmigt, bereit zur umsetzung, bereit fur entwicklung',
      'bereit zur entwicklung, bereit zur implementierung, umsetzungsbereit',
      'approuve, approuvee, valide, validee, pret pour developpement, pret a developper',
      'pret pour le developpement, pret pour dev',
      'aprobado, aprobada, validado, listo para desarrollo, listo para desarrollar',
      'listo para implementar',
    ],
    weak: ['selected for development, ready, bereit, pret, accepted, planned, geplant, next'],
  },
  implementing: {
    strong: [
      'in progress, in development, development, implementing, implementation, doing, coding',
      'in implementation, under development, building, in work, work in progress, wip',
      'in arbeit, in bearbeitung, in umsetzung, umsetzung, in entwicklung, entwicklung',
      'en cours, en developpement, developpement, en cours de developpement, en realisation',
      'en curso, en progreso, en desarrollo, desarrollo, implementacion, en implementacion',
    ],
    weak: ['active, aktiv, started, begonnen, actif, activo, dev'],
  },
  inReview: {
    strong: [
      'in review, code review, in code review, peer review, pr review, pull request',
      'merge request, in pull request, ready for merge, under review, reviewing',
      'in prufung, codeprufung, im review, codereview, in abnahme, abnahme',
      'revue de code, en revue, en revue de code, en relecture, relecture',
      'revision de codigo, en revision, en revision de codigo',
    ],
    weak: [
      'review, ready for review, qa, in qa, testing, in test, test, verification, prufung',
      'revision, revue, recette, en test, en pruebas, pruebas, uat, acceptance',
    ],
  },
  done: {
    strong: [
      'done, closed, resolved, released, complete, completed, finished, deployed',
      'fertig, erledigt, geschlossen, abgeschlossen, gelost, veroffentlicht',
      'termine, terminee, fini, finie, ferme, fermee, resolu, livre',
      'hecho, hecha, terminado, terminada, cerrado, cerrada, finalizado, finalizada, listo',
      'resuelto',
    ],
    weak: ['merged, live, in production'],
  },
};

/** Statuses that end a task without its work: no phase is theirs. */
const ends = [
  'wont do, won t do, cancelled, canceled, rejected, duplicate, declined, invalid',
  'abgebrochen, abgelehnt, verworfen, annule, annulee, rejete, cancelado, rechazado',
];

/** Lower case, without accents, as words; long names are cut. */
export const wordsOf = (name: string): string[] =>
  name
    .slice(0, 200)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .slice(0, 12);

const split = (lines: readonly string[]): string[][] =>
  lines.flatMap((line) => line.split(', ')).map((name) => name.split(' '));
const known = Object.fromEntries(
  phases.map((phase) => [phase, { strong: split(names[phase].strong), weak: split(names[phase].weak) }]),
) as Record<Phase, { strong: string[][]; weak: string[][] }>;

const knownEnds = split(ends);

/** How well a status's name fits a phase: 0 (not at all) to 100 (it is a usual name of it). */
export function nameFits(status: string, phase: Phase): number {
  const words = wordsOf(status);
  if (words.length === 0 || best(words, knownEnds) === 100) return 0;
  return Math.max(best(words, known[phase].strong), 0.6 * best(words, known[phase].weak));
}

const best = (words: readonly string[], list: readonly (readonly string[])[]): number =>
  Math.max(...list.map((name) => fit(words, name)));

/** The same words are 100; all of the name's words in that order, with others beside them, are less. */
function fit(words: readonly string[], name: readonly string[]): number {
  let at = 0;
  let misspelt = 0;
  for (const word of name) {
    const found = words.findIndex((one, index) => index >= at && isLike(one, word));
    if (found < 0) return 0;
    if (words[found] !== word) misspelt++;
    at = found + 1;
  }
  return Math.max(0, Math.round((100 * (1 + name.length)) / (1 + words.length)) - 10 * misspelt);
}

/** Equal, or one slip of the finger apart in a word that is long enough. */
function isLike(a: string, b: string): boolean {
  if (a === b) return true;
  if (Math.min(a.length, b.length) < 6 || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  const rest = (text: string, skip: number): string => text.slice(start + skip);
  return (
    rest(a, 1) === rest(b, 1) ||
    rest(a, 0) === rest(b, 1) ||
    rest(a, 1) === rest(b, 0) ||
    (a[start] === b[start + 1] && a[start + 1] === b[start] && rest(a, 2) === rest(b, 2))
  );
}
