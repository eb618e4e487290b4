/** What every node and edge on one canvas shares. */
import { createContext, useContext } from "react";

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
  /** A port was clicked, or pulled into the void: something may be added there. */
  onPull?: (from: PortEnd, at: ScreenPoint) => void;
  /** An edge's plus sign was clicked. */
  onInsert?: (edge: string, at: ScreenPoint) => void;
  /** An empty box asks for its first node. */
  onFill?: (loop: string, at: ScreenPoint) => void;
}

export const CanvasContext = createContext<CanvasShared>({ runId: null, readOnly: true });

export function useCanvas(): CanvasShared {
  return useContext(CanvasContext);
}
