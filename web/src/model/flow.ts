/** The flow document as the editor holds it: immutable, numbers exact, unknown fields kept. */
import { isObject, type Json, type JsonObject } from "~/api/json";

export type Position = [number, number];

export interface FlowNode {
  id: string;
  type: string;
  v?: number;
  label?: string;
  note?: string;
  connection?: string;
  params?: JsonObject;
  inside?: string;
  retry?: JsonObject;
  timeout_s?: Json;
  on_error?: "stop" | "branch" | "continue";
  on_doubt?: "ask" | "repeat" | "skip";
  once?: string;
  disabled?: boolean;
  [unknown: string]: Json | undefined;
}

export interface FlowEdge {
  from: string;
  to: string;
  /** Absent means the default port, `out`. */
  port?: string;
  [unknown: string]: Json | undefined;
}

export interface FlowDocument {
  format: number;
  id: string;
  name: string;
  language?: string;
  timezone?: string;
  nodes: FlowNode[];
  edges: FlowEdge[];
  layout?: { [node: string]: Json };
  notes?: Json[];
  limits?: JsonObject;
  [unknown: string]: Json | FlowNode[] | FlowEdge[] | undefined;
}

export const defaultPort = "out";
export const errorPort = "error";

/** Says which part of a value keeps it from being a flow. */
export class NotAFlow extends Error {
  constructor(readonly path: string) {
    super(`not a flow at ${path || "/"}`);
  }
}

/** Reads a parsed document: checks only what drawing needs, changes and drops nothing. */
export function readFlow(value: unknown): FlowDocument {
  if (!isObject(value)) throw new NotAFlow("");
  for (const field of ["id", "name"]) {
    if (typeof value[field] !== "string") throw new NotAFlow(`/${field}`);
  }
  requireItems(value.nodes, "/nodes", ["id", "type"]);
  requireItems(value.edges, "/edges", ["from", "to"]);
  return value as unknown as FlowDocument;
}

function requireItems(items: unknown, path: string, texts: string[]): void {
  if (!Array.isArray(items)) throw new NotAFlow(path);
  items.forEach((item, index) => {
    if (!isObject(item)) throw new NotAFlow(`${path}/${index}`);
    for (const field of texts) {
      if (typeof item[field] !== "string") throw new NotAFlow(`${path}/${index}/${field}`);
    }
  });
}

export function findNode(flow: FlowDocument, id: string): FlowNode | undefined {
  return flow.nodes.find((node) => node.id === id);
}

export function nodeIndex(flow: FlowDocument, id: string): number {
  return flow.nodes.findIndex((node) => node.id === id);
}

export function portOf(edge: FlowEdge): string {
  return edge.port ?? defaultPort;
}

/** Names an edge uniquely: two nodes may be joined by several ports. */
export function edgeKey(edge: FlowEdge): string {
  return `${edge.from}:${portOf(edge)}>${edge.to}`;
}

/** Where a node was put, or null where nobody has put it anywhere. */
export function positionOf(flow: FlowDocument, id: string): Position | null {
  const place = flow.layout?.[id];
  if (!Array.isArray(place) || place.length !== 2) return null;
  const [x, y] = place.map(Number) as Position;
  return Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null;
}
