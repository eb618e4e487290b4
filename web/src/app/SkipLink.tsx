import { Trans } from "@lingui/react/macro";
import classes from "./skip.module.css";

/** The first stop of the Tab key: past what stands on every page, to the page itself. */
export function SkipLink() {
  return (
    <a className={classes.skip} href="#page">
      <Trans>Skip to the page</Trans>
    </a>
  );
}
