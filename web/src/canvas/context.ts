/** What every node and edge on one canvas shares. */
import { createContext, type ReactNode, type RefObject, useContext, useDeferredValue } from "react";
import type { Command } from "~/model/command.ts";
import type { FlowDocument } from "~/model/flow.ts";

export interface PortEnd {
  node: string;
  port: string;
}
export interface ScreenPoint {
  x: number;
  y: number;
}

export interface CanvasShared {
  /** The run drawn on the canvas, if any. */
  runId: string | null;
  readOnly: boolean;
  /** What is said at a node: how it differs, who looks at it. */
  badges?: ReadonlyMap<string, ReactNode> | undefined;
  /** A port was clicked, or pulled into the void: something may be added there. */
  onPull?: (from: PortEnd, at: ScreenPoint) => void;
  /** An edge's plus sign was clicked. */
  onInsert?: (edge: string, at: ScreenPoint) => void;
  /** Changes the document. */
  perform?: (command: Command | null) => void;
  /** The document, whose reading redraws nothing. */
  flow: () => FlowDocument;
  /** A frame's head was clicked: it is chosen, with the others or alone. */
  onChoose?: (note: string, along: boolean) => void;
  /** Whether somebody has moved the canvas. */
  moved?: RefObject<boolean>;
  /** An empty box asks for its first node. */
  onFill?: (loop: string, at: ScreenPoint) => void;
}

const nowhere: FlowDocument = { format: 1, id: "", name: "", nodes: [], edges: [] };

export const CanvasContext = createContext<CanvasShared>({
  runId: null,
  readOnly: true,
  flow: () => nowhere,
});

/** Nodes whose data is pinned. */
export const PinnedContext = createContext<{ has: (node: string) => boolean }>(new Set<string>());

export function useCanvas(): CanvasShared {
  return useContext(CanvasContext);
}

/**
 * Whether to draw what is in a node or an edge too.
 *
 * Where the canvas is pulled about a whole column may come into sight at once. React draws what is
 * in it between the next frames, so that none of them is late.
 */
export function useInside(): boolean {
  const { moved } = useCanvas();
  return useDeferredValue(true, !moved?.current);
}
