/** A node type's picture: its connector's own, or a sign for what it does. */
import {
  AlarmClock,
  Blocks,
  CalendarClock,
  CircleStop,
  Clock,
  Code,
  CornerDownRight,
  FileText,
  Filter,
  Fingerprint,
  Gauge,
  GitFork,
  Globe,
  Inbox,
  Layers,
  ListPlus,
  type LucideIcon,
  Merge,
  MousePointerClick,
  OctagonAlert,
  PenLine,
  Repeat,
  Reply,
  Scale,
  ScrollText,
  Search,
  ShieldAlert,
  Sigma,
  SquarePen,
  Table,
  TableProperties,
  ThumbsUp,
  Webhook,
  Workflow,
} from "lucide-react";
import type { NodeType } from "~/api/contract.ts";
import classes from "./icon.module.css";

const signs: Record<string, LucideIcon> = {
  "core.manual": MousePointerClick,
  "core.webhook": Webhook,
  "core.schedule": CalendarClock,
  "core.branch": GitFork,
  "core.merge": Merge,
  "core.for_each": Repeat,
  "core.set": PenLine,
  "core.http_request": Globe,
  "core.log": ScrollText,
  "core.stop": CircleStop,
  "core.respond": Reply,
  "core.wait": Clock,
  "core.approve": ThumbsUp,
  "core.filter": Filter,
  "core.aggregate": Sigma,
  "core.code": Code,
  "core.file": FileText,
  "core.table_read": Table,
  "core.table_write": TableProperties,
  "core.call_flow": Workflow,
  "core.form": SquarePen,
  "core.flow_called": CornerDownRight,
  "core.run_failed": OctagonAlert,
  "core.after": AlarmClock,
  "core.watch_url": ListPlus,
  "core.brake": ShieldAlert,
  "core.dedupe": Fingerprint,
  "core.rate_limit": Gauge,
  "core.digest": Inbox,
  "core.batch": Layers,
  "core.lookup": Search,
  "core.reconcile": Scale,
};

interface NodeIconProps {
  type: NodeType | undefined;
  size?: number;
}

export function NodeIcon({ type, size = 36 }: NodeIconProps) {
  const Sign = signs[type?.type ?? ""] ?? (type?.connector === "core" ? Blocks : null);
  const inner = Math.round(size * 0.55);
  return (
    <span
      className={classes.icon}
      data-kind={type?.kind ?? "unknown"}
      data-own={Sign ? undefined : true}
      style={{ width: size, height: size }}
      aria-hidden
    >
      {Sign ? (
        <Sign size={inner} strokeWidth={1.9} />
      ) : type?.icon ? (
        <img src={type.icon} alt="" width={inner + 4} height={inner + 4} draggable={false} />
      ) : (
        <Blocks size={inner} strokeWidth={1.9} />
      )}
    </span>
  );
}
