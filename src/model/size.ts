/** `312 B`, `48 KB`, `1.2 MB`: bytes, short enough for a tree row. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} KB`;
  if (bytes < 1e9) return `${decimal(bytes / 1e6)} MB`;
  return `${decimal(bytes / 1e9)} GB`;
}

/** Two digits tell enough. */
const decimal = (number: number): string => (number < 10 ? number.toFixed(1) : number.toFixed(0));
