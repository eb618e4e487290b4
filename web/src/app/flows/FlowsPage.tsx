/** The home page: every flow, how it is doing, and the ways to get another one. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { FileUp, Plus, Search, Workflow } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useFlows } from "~/api/query.ts";
import { LineNotice } from "~/runs/LineNotice.tsx";
import { useLive } from "~/runs/live.ts";
import { Empty, Failure, LoadingRows } from "~/ui/Notice.tsx";
import { GuideOffer } from "../guide/GuideOffer.tsx";
import { navigate, useSearch } from "../router.tsx";
import { useCanEdit, useSession } from "../session/session.ts";
import { PageFrame } from "../shell/PageFrame.tsx";
import { CreateFlowDialog } from "./CreateFlowDialog.tsx";
import { FlowRow } from "./FlowRow.tsx";
import classes from "./flows.module.css";
import { ImportFlowDialog } from "./ImportFlowDialog.tsx";

/** From so many flows on, a search field pays for its place. */
const SEARCH_FROM = 6;

export default function FlowsPage() {
  const { t } = useLingui();
  const flows = useFlows();
  const status = useLive();
  const canEdit = useCanEdit();
  const { demo } = useSession();
  const [dialog, setDialog] = useState<"create" | "import" | null>(null);
  // "New flow" is a command on every page: it leads here.
  const asked = useSearch().has("new");
  useEffect(() => {
    if (!asked) return;
    setDialog("create");
    navigate("/flows", { replace: true });
  }, [asked]);
  const [sought, setSought] = useState("");
  const items = flows.items;
  const shown = useMemo(() => {
    const words = sought.trim().toLocaleLowerCase();
    return items?.filter((flow) => flow.name.toLocaleLowerCase().includes(words));
  }, [items, sought]);

  const create = (
    <Button leftSection={<Plus size={17} />} onClick={() => setDialog("create")}>
      <Trans>New flow</Trans>
    </Button>
  );
  const bring = (
    <Button
      variant="default"
      leftSection={<FileUp size={16} />}
      onClick={() => setDialog("import")}
    >
      <Trans>Import</Trans>
    </Button>
  );

  return (
    <PageFrame
      title={t`Flows`}
      lead={<Trans>Each flow waits for an event, checks its conditions and acts for you.</Trans>}
      actions={
        canEdit && items && items.length > 0 ? (
          <>
            {bring}
            {create}
          </>
        ) : null
      }
    >
      <LineNotice status={status} />
      {demo && canEdit && items && <GuideOffer flows={items} />}
      {flows.isPending && <LoadingRows />}
      {flows.error && !items && (
        <Failure error={flows.error} onRetry={() => void flows.refetch()} />
      )}
      {items?.length === 0 && (
        <Empty
          icon={<Workflow size={26} />}
          title={<Trans>Your first flow starts here</Trans>}
          action={
            canEdit ? (
              <>
                {create}
                {bring}
              </>
            ) : null
          }
        >
          <Trans>
            Choose an event, such as a new order, and what should happen then. You can try it on the
            demo shop before anything reaches your customers.
          </Trans>
        </Empty>
      )}
      {items && items.length >= SEARCH_FROM && (
        <TextInput
          className={classes.search}
          type="search"
          aria-label={t`Search flows by name`}
          placeholder={t`Search by name`}
          leftSection={<Search size={16} />}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
      )}
      {shown && shown.length > 0 && (
        <ul className={classes.list} aria-label={t`Flows`}>
          {shown.map((flow) => (
            <FlowRow key={flow.id} flow={flow} />
          ))}
        </ul>
      )}
      {items && items.length > 0 && shown?.length === 0 && (
        <p className={classes.none} role="status">
          <Trans>No flow has “{sought.trim()}” in its name.</Trans>
        </p>
      )}
      {shown && sought.trim() !== "" && shown.length > 0 && (
        <p className={classes.count} role="status">
          <Plural value={shown.length} one="# flow found" other="# flows found" />
        </p>
      )}
      {flows.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={flows.isFetchingNextPage}
          onClick={() => void flows.fetchNextPage()}
        >
          <Trans>Show more</Trans>
        </Button>
      )}
      <CreateFlowDialog opened={dialog === "create"} onClose={() => setDialog(null)} />
      <ImportFlowDialog opened={dialog === "import"} onClose={() => setDialog(null)} />
    </PageFrame>
  );
}
