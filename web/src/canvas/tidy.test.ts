import fc from "fast-check";
import { expect, test } from "vitest";
import { type Graph, type GraphNode, place } from "./tidy.ts";

const size = { width: 248, height: 64 };
const graph = (nodes: GraphNode[], edges: [string, string][] = []): Graph => ({
  nodes,
  edges: edges.map(([from, to]) => ({ from, to })),
  padding: 24,
  head: 34,
});
const box = (id: string): GraphNode => ({ id, ...size });

test("a tidy flow goes forward and no two nodes cover each other", () => {
  const link = fc.tuple(fc.nat(11), fc.nat(11));
  fc.assert(
    fc.property(fc.array(link, { maxLength: 24 }), (links) => {
      const nodes = Array.from({ length: 12 }, (_, index) => box(`n${index}`));
      const edges = links
        .filter(([from, to]) => from < to)
        .map(([from, to]): [string, string] => [`n${from}`, `n${to}`]);
      const places = place(graph(nodes, edges));
      for (const [from, to] of edges) {
        expect(places[to]?.[0]).toBeGreaterThan((places[from]?.[0] ?? 0) + size.width);
      }
      const corners = Object.values(places);
      for (const [index, [x, y]] of corners.entries()) {
        for (const [otherX, otherY] of corners.slice(index + 1)) {
          const apart = Math.abs(x - otherX) >= size.width || Math.abs(y - otherY) >= size.height;
          expect(apart).toBe(true);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test("what a loop does stands below the loop, and nothing else stands there", () => {
  const inside = graph([box("a"), box("b")], [["a", "b"]]);
  const loop = { ...box("loop"), inside };
  const places = place(
    graph(
      [box("start"), loop, box("end")],
      [
        ["start", "loop"],
        ["loop", "end"],
      ],
    ),
  );
  const [loopX = 0, loopY = 0] = places.loop ?? [];
  expect(places.a?.[1]).toBeGreaterThan(loopY + size.height);
  expect(places.a?.[0]).toBeGreaterThanOrEqual(loopX);
  expect(places.end?.[0]).toBeGreaterThan((places.b?.[0] ?? 0) + size.width);
});

test("a line of thousands of nodes is tidied up as any other", () => {
  const nodes = Array.from({ length: 4_000 }, (_, index) => box(`n${index}`));
  const edges = nodes.slice(1).map(({ id }, index): [string, string] => [`n${index}`, id]);
  const places = place(graph([...nodes, box("alone")], edges));
  expect(places.n0).toEqual([0, 0]);
  expect(places.n1).toEqual([size.width + 88, 0]);
  expect(places.n3999).toEqual([3_999 * (size.width + 88), 0]);
  expect(places.alone).toEqual([0, size.height + 36]);
});
