/** Orders that do not depend on how a language keeps text: by code point, as the server's. */

export function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a, (each) => each.codePointAt(0) ?? 0);
  const right = Array.from(b, (each) => each.codePointAt(0) ?? 0);
  for (const [index, point] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (point !== other) return point - other;
  }
  return -1;
}

export function sortedTexts(texts: Iterable<string>): readonly string[] {
  return [...texts].sort(byCodePoint);
}
