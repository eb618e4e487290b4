import { Trans } from "@lingui/react/macro";
import type { Failure } from "~/api/contract.ts";
import { useFailureText } from "./failure.ts";
import classes from "./step.module.css";

interface FailureWordsProps {
  failure: Failure;
  /** Leaves out what was written, where it stands nearby. */
  brief?: boolean;
}

/** A failure in the reader's language, and below it, marked as such, what the other side wrote. */
export function FailureWords({ failure, brief = false }: FailureWordsProps) {
  const { said, written, theirs } = useFailureText()(failure);
  return (
    <>
      {said}
      {!brief && written !== null && written !== said && (
        <span className={classes.theirs}>
          <span>
            {theirs ? (
              <Trans>In the words of the other side:</Trans>
            ) : (
              <Trans>As it was reported:</Trans>
            )}
          </span>{" "}
          <q lang="">{written}</q>
        </span>
      )}
    </>
  );
}
