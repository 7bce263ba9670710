/**
 * How well what was typed fits a text: higher is better, undefined is not at all. Every word typed must be found: as a
 * piece of the text, or as letters in order within one of its words (`stlmt` finds `Settlement`, `p456` finds `PAY-456`).
 */
export function fuzzyScore(query: string, text: string): number | undefined {
  const lower = text.toLowerCase();
  const words = lower.split(/\s+/);
  let score = 0;
  for (const piece of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const one = pieceScore(piece, lower, words);
    if (one === undefined) return undefined;
    score += one;
  }
  return score;
}

function pieceScore(piece: string, text: string, words: readonly string[]): number | undefined {
  const at = text.indexOf(piece);
  if (at === 0) return 5;
  if (at > 0) return /[\p{L}\p{N}]/u.test(text.charAt(at - 1)) ? 2 : 4;
  return piece.length > 1 && words.some((word) => isSubsequence(piece, word)) ? 1 : undefined;
}

function isSubsequence(piece: string, word: string): boolean {
  let next = 0;
  for (const letter of word) if (letter === piece.charAt(next)) next += 1;
  return next === piece.length;
}
