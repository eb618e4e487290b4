/** The chosen row of the data: its whole value and path, to be copied or used. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { Plus } from "lucide-react";
import { writeJson } from "~/api/json.ts";
import { CopyButton } from "~/ui/CopyText.tsx";
import classes from "./data.module.css";
import { Size } from "./Size.tsx";
import { isContainer, type TreeRow } from "./tree.ts";

const SHOWN_CHARACTERS = 4_000;

interface RowDetailProps {
  row: TreeRow;
  path?: string;
  onPick?: () => void;
}

export function RowDetail({ row, path, onPick }: RowDetailProps) {
  const { t } = useLingui();
  const { value } = row;
  const shown = path ?? row.path.join(".");
  const text = value === undefined ? "" : typeof value === "string" ? value : writeJson(value, 2);
  return (
    <section className={classes.detail} aria-label={t`The chosen field`}>
      <div className={classes.detailHead}>
        <code className={classes.path}>{shown}</code>
        <CopyButton text={shown} label={t`Copy path`} />
      </div>
      {value !== undefined && (
        <div className={classes.detailBody}>
          {isContainer(value) ? (
            <Size value={value} />
          ) : (
            <div className={classes.whole} tabIndex={text.length > 200 ? 0 : undefined}>
              {text.slice(0, SHOWN_CHARACTERS) || <Trans>empty text</Trans>}
            </div>
          )}
          <CopyButton text={text} label={t`Copy value`} />
        </div>
      )}
      {onPick && (
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<Plus size={13} />}
          onClick={onPick}
          className={classes.use}
        >
          <Trans>Use this field</Trans>
        </Button>
      )}
    </section>
  );
}
