import { Trans } from "@lingui/react/macro";
import { ChevronLeft } from "lucide-react";
import { RunView } from "~/runs/RunView.tsx";
import { Link } from "../router.tsx";
import { useCanEdit } from "../session/session.ts";
import frame from "../shell/frame.module.css";
import classes from "./run.module.css";

export default function RunPage({ id }: { id: string }) {
  const canEdit = useCanEdit();
  return (
    <div className={frame.frame}>
      <div className={frame.above}>
        <Link className={classes.back} to="/runs">
          <ChevronLeft size={16} aria-hidden />
          <Trans>All runs</Trans>
        </Link>
      </div>
      <RunView id={id} canAnswer={canEdit} />
    </div>
  );
}
