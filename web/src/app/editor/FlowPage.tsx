import { Waiting } from "../Waiting.tsx";

export default function FlowPage({ id }: { id: string }) {
  return <Waiting key={id} />;
}
