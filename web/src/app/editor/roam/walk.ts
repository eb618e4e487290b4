/** Walking on the canvas: along edges, in and out of loops, up and down, gathering on the way. */
import { plural, t } from "@lingui/core/macro";
import { nodeBeyond, type Way, waysBack, waysOn } from "~/model/walk.ts";
import { announce } from "~/ui/announce.tsx";
import { focusNode, type Ground } from "./ground.ts";

/** Goes the only way, or asks which. */
function take(ground: Ground, from: string, title: string, ways: Way[], back: boolean) {
  const [only] = ways;
  if (!only) return announce(t`There is no way on from here.`);
  if (ways.length === 1) return ground.goTo(only.to);
  const wayOf = (index: string) => ways[Number(index)] ?? only;
  ground.offer({
    title,
    at: ground.screenOf(from),
    options: ways.map((way, index) => {
      const start = back ? way.to : from;
      const port = ground.portsOf(start).find((it) => it.name === way.port);
      return {
        id: String(index),
        title: ground.titleOf(way.to),
        under: way.port === null ? t`Inside the loop` : (port?.title ?? way.port),
      };
    }),
    onChoose: (index) => ground.goTo(wayOf(index).to),
    onPeek: (index) => ground.view.current?.reveal(wayOf(index).to),
    onLeave: () => focusNode(from),
  });
}

export type Walking = ReturnType<typeof walking>;

export function walking(ground: Ground) {
  const { store, flow, here, goTo } = ground;
  /** Does something at the node one stands at; the first press only goes to it. */
  const from = (act: (id: string) => void) => () => {
    const id = here();
    if (id === null) return;
    if (store.getState().at === null) goTo(id);
    else act(id);
  };
  const upOrDown = (down: boolean) =>
    from((id) => {
      const next = nodeBeyond(flow(), id, down);
      if (next !== null) goTo(next);
    });
  const end = (at: 0 | -1) => () => {
    const id = flow().nodes.at(at)?.id;
    if (id !== undefined) goTo(id);
  };
  return {
    on: from((id) => take(ground, id, t`Which way?`, waysOn(flow(), id), false)),
    back: from((id) => take(ground, id, t`Which way back?`, waysBack(flow(), id), true)),
    up: upOrDown(false),
    down: upOrDown(true),
    first: end(0),
    last: end(-1),
    /** Takes the node into what is chosen, or out of it; walking on keeps the others. */
    gather: () => {
      const id = here();
      if (id === null) return;
      store.getState().gather(id);
      const count = store.getState().selection.nodes.size;
      announce(plural(count, { one: "# node chosen", other: "# nodes chosen" }));
    },
  };
}
