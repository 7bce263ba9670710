/** What a heading says that counts: `Step 2: Upload` says `step`, 2 and `Upload`. */
export interface Numbered {
  /** A word for a step in some language; another word; a number and a sign; a number and a blank. */
  by: 'step' | 'word' | 'number' | 'bare';
  /** In lower case; empty where there is none. */
  word: string;
  number: number;
  /** What is left; empty where there is only the number. */
  rest: string;
}

/** In the languages in which we expect plans; in others their word counts as any word does. */
const stepWords =
  /^(?:steps?|schritte?|[ée]tapes?|pasos?|passos?|pass[oi]|stap(?:pen)?|krok[iy]?|steg|trin|vaihe|ad[ıi]m|шаги?|крок|стъпка|korak|βήμα|lépés|pas|bước|langkah|步骤|步|ステップ|手順|단계|خطوة|שלב)$/iu;

const number = '(\\p{Nd}{1,4}[a-z]?|[一二三四五六七八九十]{1,3})((?:\\.\\p{Nd}{1,3}){0,3})';
/** `/4`, `of 4`. */
const total = '(?:\\s*(?:\\/|of|von|de|di|sur|van|из|z)\\s*\\p{Nd}{1,4})?';
const sign = `${total}(?:\\s*[.)\\]:：、—–-]+(?=\\P{Nd}|$)|\\s*$)`;
const word = '第?\\s*(\\p{L}[\\p{L}\\p{M}]{0,20})?\\s*(?:n[°ºo.]+|nr\\.?|#|№)?\\s*';

const patterns: readonly [Numbered['by'] | undefined, RegExp][] = [
  ['number', new RegExp(`^#?()${number}()${sign}`, 'iu')],
  [undefined, new RegExp(`^${word}${number}(步|단계)?${sign}`, 'iu')],
  ['step', new RegExp(`^${word}${number}()${total}\\s+`, 'iu')],
  ['number', /^()(\p{Nd}{1,4})((?:\.\p{Nd}{1,3}){1,3})()\s+/u],
  ['bare', /^()(\p{Nd}{1,4})()()\s+/u],
];

/** Undefined for a heading that does not count. `text`: its words, without markup. */
export function numberedOf(text: string): Numbered | undefined {
  const line = text.slice(0, 500).trim();
  for (const [kind, pattern] of patterns) {
    const found = pattern.exec(line);
    if (!found) continue;
    const [whole, before = '', digits = '', , behind = ''] = found;
    const said = (before || behind).toLowerCase();
    const by = said === '' ? kind : stepWords.test(said) ? 'step' : 'word';
    if (by === undefined || (kind !== undefined && by !== kind) || (by === 'step' && said === '')) continue;
    return { by, word: said, number: valueOf(digits), rest: line.slice(whole.length).trim() };
  }
  return undefined;
}

/** True for a heading of a part that holds steps: `Implementation steps`, `Schritte`. */
export const speaksOfSteps = (text: string): boolean =>
  text
    .slice(0, 500)
    .split(/[^\p{L}\p{M}]+/u)
    .some((one) => stepWords.test(one));

/** In the digits of any script; zero where they are none of ours. */
function valueOf(digits: string): number {
  const value = Number.parseInt(digits.normalize('NFKC'), 10);
  return Number.isSafeInteger(value) ? value : 0;
}
