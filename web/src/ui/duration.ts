/** Stretches of time in seconds, as people say them. */

const lengths = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

type Unit = (typeof lengths)[number][0];

/** The largest unit in which a stretch is a whole number. */
export function largestUnit(seconds: number): number {
  return lengths.find(([, length]) => seconds > 0 && seconds % length === 0)?.[1] ?? 1;
}

/** Units to choose from, by their lengths. */
export function unitsOf(words: Record<Unit, string>): { value: string; label: string }[] {
  return lengths.map(([unit, length]) => ({ value: String(length), label: words[unit] })).reverse();
}

/** "2 days 3 hours", in full words. */
export function durationInWords(seconds: number, locale: string): string {
  let rest = Math.round(seconds);
  const words: string[] = [];
  for (const [unit, length] of lengths) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 || (unit === "second" && words.length === 0)) {
      const format = { style: "unit", unit, unitDisplay: "long" } as const;
      words.push(new Intl.NumberFormat(locale, format).format(count));
    }
  }
  return words.join(" ");
}
