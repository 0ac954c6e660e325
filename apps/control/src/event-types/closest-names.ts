const maxNames = 3;

/** The names most like a mistyped one, best first; none that differs in more than half of its letters. */
export function closestNames(wrong: string, known: readonly string[]): string[] {
  return known
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name) }))
    .filter(({ name, distance }) => distance <= name.length / 2)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, maxNames)
    .map(({ name }) => name);
}

/** Letters to insert, delete or replace (Levenshtein), row by row. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above.at(-1) ?? 0;
}
