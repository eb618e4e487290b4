/** Keeps what is said to be wrong with the flow in step with what is typed. */
import { useEffect, useMemo } from "react";
import { useConnections } from "~/api/query.ts";
import { bringUpToDate, checkInSlices } from "~/model/check/check.ts";
import { strayConnections } from "~/model/check/connection.ts";
import { tellProblem } from "~/model/check/tell.ts";
import { placeProblems } from "~/model/problem.ts";
import { inSlices } from "~/ui/slice.ts";
import { useKnown } from "./data.ts";
import { type Judge, useEditorStore } from "./store.ts";

/** Long enough not to speak into a word that is being typed. */
const quiet_ms = 250;

export function useCheck(): void {
  const store = useEditorStore();
  const { types, catalog } = useKnown();
  const { data } = useConnections();
  const judge = useMemo<Judge>(() => {
    const words = catalog.problems;
    return (flow, looked) => {
      const problems = flow === looked.flow ? looked.problems : bringUpToDate(flow, types, looked);
      const connections = data?.pages.flatMap((page) => page.items);
      const stray = connections ? strayConnections(flow, types, connections) : [];
      return placeProblems(
        flow,
        [...problems, ...stray].map((it) => tellProblem(it, { flow, types, words })),
        types,
      );
    };
  }, [types, catalog, data]);

  useEffect(() => store.getState().judgeBy(judge), [store, judge]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let callOff = () => {};
    const stop = store.subscribe((state, before) => {
      if (state.history.flow === before.history.flow) return;
      clearTimeout(timer);
      callOff();
      // The server's word came with the document itself.
      if (state.history.flow === state.looked.flow) return;
      timer = setTimeout(() => {
        const slices = checkInSlices(state.history.flow, types);
        callOff = inSlices(slices, store.getState().check);
      }, quiet_ms);
    });
    return () => {
      stop();
      clearTimeout(timer);
      callOff();
    };
  }, [store, types]);
}
