/** The widgets, by kind of field: adding one is a line here. */
import type { ComponentType } from "react";
import { ConditionControl } from "~/forms/condition/ConditionControl.tsx";
import type { FieldKind } from "~/model/schema.ts";
import { AnyControl } from "./AnyControl.tsx";
import { ChoiceControl } from "./ChoiceControl.tsx";
import { ChoicesControl } from "./ChoicesControl.tsx";
import { CodeControl } from "./CodeControl.tsx";
import { ColorControl } from "./ColorControl.tsx";
import type { ControlProps } from "./Control.tsx";
import { CronControl } from "./CronControl.tsx";
import { DateControl, MomentControl } from "./DateControl.tsx";
import { DurationControl } from "./DurationControl.tsx";
import { EventsControl } from "./EventsControl.tsx";
import { FileControl } from "./FileControl.tsx";
import { JsonControl } from "./JsonControl.tsx";
import {
  CollectControl,
  ConnectionControl,
  FlowControl,
  FlowsControl,
  KeyControl,
  PlaceControl,
  TableControl,
  TriggerControl,
  ZoneControl,
} from "./KnownChoice.tsx";
import { ListControl } from "./ListControl.tsx";
import { MapControl } from "./MapControl.tsx";
import { MoneyControl } from "./MoneyControl.tsx";
import { NumberControl } from "./NumberControl.tsx";
import { ObjectControl } from "./ObjectControl.tsx";
import { PeopleControl } from "./PeopleControl.tsx";
import { PortControl } from "./PortControl.tsx";
import { TextControl } from "./TextControl.tsx";
import { YesNoControl } from "./YesNoControl.tsx";

interface Widget {
  Control: ComponentType<ControlProps>;
  /** A text, whose formula is a text with slots. */
  prose?: boolean;
  /** Its parts have formulas of their own: data is picked there. */
  nested?: boolean;
  /** Not labelled by a `for`: it is a group of inputs, named by its title. */
  grouped?: boolean;
}

const widgets: Record<FieldKind, Widget> = {
  text: { Control: TextControl, prose: true },
  long_text: { Control: TextControl, prose: true },
  code: { Control: CodeControl, prose: true },
  json: { Control: JsonControl },
  secret: { Control: TextControl },
  number: { Control: NumberControl },
  integer: { Control: NumberControl },
  decimal: { Control: NumberControl },
  money: { Control: MoneyControl },
  duration: { Control: DurationControl },
  boolean: { Control: YesNoControl },
  condition: { Control: ConditionControl, nested: true, grouped: true },
  choice: { Control: ChoiceControl },
  choices: { Control: ChoicesControl },
  date: { Control: DateControl },
  moment: { Control: MomentControl, grouped: true },
  timezone: { Control: ZoneControl },
  cron: { Control: CronControl, grouped: true },
  color: { Control: ColorControl },
  file: { Control: FileControl, nested: true, grouped: true },
  people: { Control: PeopleControl },
  trigger: { Control: TriggerControl },
  key: { Control: KeyControl },
  flow: { Control: FlowControl },
  flows: { Control: FlowsControl },
  table: { Control: TableControl },
  connection: { Control: ConnectionControl },
  collect: { Control: CollectControl },
  port: { Control: PortControl },
  place: { Control: PlaceControl },
  list: { Control: ListControl, nested: true, grouped: true },
  events: { Control: EventsControl, nested: true, grouped: true },
  object: { Control: ObjectControl, nested: true, grouped: true },
  map: { Control: MapControl, nested: true, grouped: true },
  any: { Control: AnyControl },
};

export const widgetOf = (kind: FieldKind): Widget => widgets[kind];
