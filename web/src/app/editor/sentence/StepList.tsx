/** The lists of a told flow: steps, the ways out of them, what loops do, what runs side by side. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Plus } from "lucide-react";
import type { FlowDocument, FlowNode } from "~/model/flow.ts";
import type { NodeTypes } from "~/model/port.ts";
import { type Item, mainPort, type Side, type Step, type Way } from "~/model/sentence/outline.ts";
import { type Spot, spotAfter } from "~/model/sentence/spot.ts";
import type { Doors, RowProblem } from "./context.ts";
import { References } from "./References.tsx";
import { Sentence } from "./Sentence.tsx";
import { StepRow } from "./StepRow.tsx";
import classes from "./sentence.module.css";
import type { Told } from "./told.ts";

export interface ListShared {
  flow: FlowDocument;
  types: NodeTypes;
  told: Told;
  problems: ReadonlyMap<string, readonly RowProblem[]>;
  chosen: ReadonlySet<string>;
  current: string | null;
  runId: string | null;
  readOnly: boolean;
  doors: Doors;
}

interface ItemsProps {
  items: readonly Item[];
  shared: ListShared;
  /** Where a step is added to a list that is still empty. */
  first?: Spot | null;
  label?: string;
}

export function Items({ items, shared, first = null, label }: ItemsProps) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: Safari takes a list without numbers of its own for none.
    <ol className={classes.list} role="list" aria-label={label}>
      {items.map((item) =>
        item.kind === "step" ? (
          <StepItem key={item.id} step={item} last={item === items.at(-1)} shared={shared} />
        ) : (
          <SideItem key={`side ${item.number}`} side={item} shared={shared} />
        ),
      )}
      {items.length === 0 && first && !shared.readOnly && (
        <li>
          <AddHere spot={first} shared={shared} />
        </li>
      )}
    </ol>
  );
}

const noProblems: readonly RowProblem[] = [];

/** What is wrong with a step, but for what its sentence asks for anyway. */
function problemsToSay(node: FlowNode, step: Step, shared: ListShared): readonly RowProblem[] {
  const problems = shared.problems.get(node.id);
  if (!problems) return noProblems;
  const { told } = shared;
  const ways = step.ways.flatMap((way) => (way.port === null ? [] : told.way(node, way.port)));
  const asked = [...told.sentence(node), ...ways].flatMap((part) =>
    part.kind === "missing" ? [`${part.pointer}/`] : [],
  );
  const left = problems.filter(
    (problem) => !asked.some((place) => `${problem.pointer}/`.startsWith(place)),
  );
  return left.length === problems.length ? problems : left.length === 0 ? noProblems : left;
}

const numbered = (ids: readonly string[], told: Told): string =>
  ids.map((id) => `${id} ${told.outline.steps.get(id)?.number ?? "?"}`).join("|");

interface StepItemProps {
  step: Step;
  /** Of its list: what comes next there is asked for in words. */
  last: boolean;
  shared: ListShared;
}

function StepItem({ step, last, shared }: StepItemProps) {
  const { told, types, flow } = shared;
  const { t } = useLingui();
  const node = told.names.node(step.id);
  if (!node) return null;
  const spot = shared.readOnly ? null : plainSpot(step, shared);
  const open = last && step.jumps.length === 0;
  return (
    <li className={classes.item}>
      <StepRow
        node={node}
        type={types.get(node.type)}
        number={step.number}
        parts={told.sentence(node)}
        jumps={numbered(step.jumps, told)}
        after={numbered(step.after, told)}
        port={mainPort(node, types) ?? ""}
        ends={step.ends}
        problems={problemsToSay(node, step, shared)}
        chosen={shared.chosen.has(step.id)}
        current={shared.current === step.id}
        runId={shared.runId}
        readOnly={shared.readOnly}
        doors={shared.doors}
      />
      {step.ways.length > 0 && (
        <div className={classes.ways}>
          {step.ways.map((way) => (
            <WayItem key={way.port ?? ""} way={way} step={step} shared={shared} />
          ))}
        </div>
      )}
      {spot && (
        <button
          type="button"
          className={classes.plus}
          tabIndex={shared.current === step.id ? 0 : -1}
          aria-label={t`Add a step after ${step.number}`}
          data-add-after
          data-last={open || undefined}
          onClick={() => shared.doors.add(spot)}
        >
          <Plus size={14} aria-hidden />
          {open && <Trans>Add a step</Trans>}
        </button>
      )}
    </li>
  );
  function plainSpot(at: Step, { readOnly }: ListShared): Spot | null {
    const found = told.names.node(at.id);
    if (readOnly || !found || mainPort(found, types) === null) return null;
    return spotAfter(flow, types, at.id);
  }
}

function WayItem({ way, step, shared }: { way: Way; step: Step; shared: ListShared }) {
  const { told, doors, readOnly } = shared;
  const { t } = useLingui();
  const node = told.names.node(step.id);
  if (!node) return null;
  const { port } = way;
  const spot: Spot =
    port === null ? { kind: "inside", loop: step.id } : { kind: "after", node: step.id, port };
  const reached = shared.current === step.id;
  const empty = way.items.length === 0 && way.jumps.length === 0;
  return (
    <section className={classes.way} data-body={port === null || undefined} data-port={port}>
      {port !== null && (
        <div className={classes.condition}>
          <span className={classes.number}>{way.number}</span>
          <div className={classes.words}>
            <Sentence
              number={way.number}
              parts={told.way(node, port)}
              onOpen={shared.runId === null ? doors.openSlot : null}
              reached={reached}
            />
            <References
              node={step.id}
              port={port}
              jumps={numbered(way.jumps, told)}
              after=""
              ends={false}
              readOnly={readOnly}
              reached={reached}
              doors={doors}
            />
            {empty && readOnly && (
              <span className={classes.refs}>
                <Trans>nothing more is done</Trans>
              </span>
            )}
          </div>
        </div>
      )}
      {!readOnly && (way.items.length === 0 || port === null) ? (
        <Items
          items={way.items}
          shared={shared}
          first={spot}
          label={
            port === null ? t`For each item of step ${step.number}` : t`Steps of ${way.number}`
          }
        />
      ) : (
        <Items
          items={way.items}
          shared={shared}
          label={
            port === null ? t`For each item of step ${step.number}` : t`Steps of ${way.number}`
          }
        />
      )}
    </section>
  );
}

function SideItem({ side, shared }: { side: Side; shared: ListShared }) {
  const { t } = useLingui();
  return (
    <li className={classes.item}>
      <div className={classes.condition}>
        <span className={classes.number}>{side.number}</span>
        <div className={classes.words}>
          <span className={classes.sentence}>
            {side.starts ? (
              <Trans>Starts in one of these ways:</Trans>
            ) : (
              <Trans>At the same time:</Trans>
            )}
          </span>
        </div>
      </div>
      <div className={classes.ways}>
        {side.tracks.map((track) => (
          <section key={keyOf(track)} className={classes.way}>
            <Items items={track} shared={shared} label={t`One of several at the same time`} />
          </section>
        ))}
      </div>
    </li>
  );
}

function keyOf(track: readonly Item[]): string {
  const [first] = track;
  return first?.kind === "step" ? first.id : (first?.number ?? "");
}

function AddHere({ spot, shared }: { spot: Spot; shared: ListShared }) {
  return (
    <button type="button" className={classes.here} onClick={() => shared.doors.add(spot)}>
      <Plus size={15} aria-hidden /> <Trans>Add a step here</Trans>
    </button>
  );
}
