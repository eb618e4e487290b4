import { Trans, useLingui } from "@lingui/react/macro";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Json, sameJson } from "~/api/json.ts";
import { useProblemText } from "~/ui/problem.ts";
import classes from "../form.module.css";
import { calledKey, offered } from "../offer.ts";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { readNumber } from "./number.ts";
import { usePlaceholder } from "./placeholder.ts";
import { SearchChoice } from "./SearchChoice.tsx";

const PAUSE_MS = 250;

/** Values that the connected account offers, searched there; any other may be typed too. */
export function DynamicChoice(props: ControlProps & { choices: string }) {
  const { id, title, kind, value, invalid, schema, onChange, choices } = props;
  const { t } = useLingui();
  const { connection } = useScope();
  const problemText = useProblemText();
  const placeholder = usePlaceholder(schema);
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed, PAUSE_MS);
  const queries = useQueryClient();
  const query = useQuery({
    ...offered(connection ?? "", choices, search),
    enabled: connection !== null,
    placeholderData: (before) => before,
  });
  const called = useQuery<string | null>({
    queryKey: calledKey(connection ?? "", choices, String(value)),
    queryFn: () => null,
    enabled: false,
  });
  const offers = query.data?.items ?? [];
  const change = (next: Json | undefined) => {
    const offer = next === undefined ? undefined : offers.find((it) => sameJson(it.value, next));
    if (offer && connection !== null) {
      queries.setQueryData(calledKey(connection, choices, String(offer.value)), offer.label);
    }
    onChange(next);
  };
  const whole = kind === "integer";
  const readFree = (text: string): Json | null =>
    whole || kind === "number" ? readNumber(text, whole) : text;
  const gone =
    query.isSuccess &&
    !query.isFetching &&
    search === "" &&
    value !== undefined &&
    value !== "" &&
    !offers.some((it) => sameJson(it.value, value) || it.label === value);
  return (
    <>
      <SearchChoice
        id={id}
        title={title}
        value={value}
        {...(called.data && { called: called.data })}
        offers={offers}
        invalid={invalid}
        placeholder={placeholder}
        loading={query.isFetching}
        failure={
          connection === null
            ? t`Choose an account above to pick from its list, or type a value.`
            : query.error && problemText(query.error)
        }
        {...(connection !== null && { onRetry: () => void query.refetch() })}
        onSearch={setTyped}
        readFree={readFree}
        onChange={change}
      />
      {gone && (
        <p className={classes.help}>
          <Trans>This value is not in the account's list. It is used as it stands.</Trans>
        </p>
      )}
    </>
  );
}
