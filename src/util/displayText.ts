/** One line of untrusted text, at most 300 characters. */
export function displayText(text: string): string {
  const line = text.slice(0, 2000).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ');
  return line.trim().slice(0, 300);
}
