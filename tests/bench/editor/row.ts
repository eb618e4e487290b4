/** A figure of the bench, as `python -m tests.bench` prints it. */
export interface Row {
  case: string;
  figure: number;
  unit: string;
  target?: string;
  /** Whether the figure keeps to its target. */
  kept?: boolean;
}

/** A figure that must stay at or below `most`. */
export function atMost(name: string, figure: number, unit: string, most: number): Row {
  return { case: name, figure, unit, target: `<= ${most}`, kept: figure <= most };
}

/** A figure that is told, and judged by nobody. */
export const told = (name: string, figure: number, unit: string): Row => ({
  case: name,
  figure,
  unit,
});
