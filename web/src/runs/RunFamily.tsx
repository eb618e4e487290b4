/** The tries of one and the same event, and what people did to a run. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { Act, Run, RunSummary } from "~/api/contract.ts";
import { useFamily } from "~/api/query.ts";
import { Link } from "~/app/router.tsx";
import { Ago } from "~/ui/Moment.tsx";
import classes from "./family.module.css";
import { StateMark } from "./StateMark.tsx";
import { useActWords } from "./words.tsx";

export function RunFamily({ run }: { run: Run }) {
  const { t } = useLingui();
  const family = useFamily(run.id);
  const items = family.data?.items ?? [];
  if (items.length < 2) return null;
  return (
    <section aria-label={t`Tries`}>
      <h2 className={classes.title}>
        <Trans>Tries</Trans>
      </h2>
      <ol className={classes.list}>
        {items.map((item, place) => (
          <li
            key={item.id}
            className={classes.row}
            aria-current={item.id === run.id ? "true" : undefined}
          >
            <StateMark state={item.state} />
            {item.id === run.id ? (
              <span>
                <TryName item={item} place={place} />{" "}
                <span className={classes.soft}>
                  <Trans>(this one)</Trans>
                </span>
              </span>
            ) : (
              <Link to={`/runs/${item.id}`}>
                <TryName item={item} place={place} />
              </Link>
            )}
            <span className={classes.soft}>
              {item.started_at !== null && <Ago at={item.started_at} />}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function TryName({ item, place }: { item: RunSummary; place: number }) {
  if (item.rerun === "failed") return <Trans>Try {place + 1}, from where it failed</Trans>;
  if (item.rerun === "start") return <Trans>Try {place + 1}, from the start</Trans>;
  if (item.rerun === "changed") return <Trans>Try {place + 1}, with changed data</Trans>;
  if (item.rerun === "part") return <Trans>Try {place + 1}, some nodes of a draft</Trans>;
  return <Trans>Try {place + 1}, the first</Trans>;
}

/** Who did what to the run, the newest last. */
export function RunActs({ acts }: { acts: Act[] }) {
  const { t } = useLingui();
  const words = useActWords();
  if (acts.length === 0) return null;
  return (
    <section aria-label={t`What people did`}>
      <h2 className={classes.title}>
        <Trans>What people did</Trans>
      </h2>
      <ul className={classes.list}>
        {acts.map((act) => (
          <li key={`${act.at} ${act.what} ${act.node}`} className={classes.row}>
            <span>{act.actor_name ?? act.actor}</span>
            <span>
              {words(act)}
              {act.node !== null && (
                <>
                  {" "}
                  <code>{act.node}</code>
                </>
              )}
            </span>
            <span className={classes.soft}>
              <Ago at={act.at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
