import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Avatar, Tooltip } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { UserMinus } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client.ts";
import type { Member } from "~/api/contract.ts";
import { keys, useMembers } from "~/api/query.ts";
import { Confirm } from "~/ui/Confirm.tsx";
import { Failure, LoadingRows } from "~/ui/Notice.tsx";
import { say } from "~/ui/toast.tsx";
import { useSession } from "../session/session.ts";
import classes from "./people.module.css";
import { roleLabels, roleMeanings } from "./role.ts";

export function MemberList({ canRemove }: { canRemove: boolean }) {
  const { t } = useLingui();
  const members = useMembers();
  if (members.isPending) return <LoadingRows rows={3} />;
  if (!members.items) {
    return <Failure error={members.error} onRetry={() => void members.refetch()} />;
  }
  return (
    <ul className={classes.list} aria-label={t`People`}>
      {members.items.map((member) => (
        <MemberRow key={member.id} member={member} canRemove={canRemove} />
      ))}
    </ul>
  );
}

function MemberRow({ member, canRemove }: { member: Member; canRemove: boolean }) {
  const { t, i18n } = useLingui();
  const { user } = useSession();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const self = member.id === user.id;
  const remove = async () => {
    await api.members.remove(member.id);
    await queries.invalidateQueries({ queryKey: keys.members });
    say(t`${member.name} can no longer sign in.`);
  };
  return (
    <li className={classes.row}>
      <Avatar size={38} radius="xl" color="tramo" variant="light" name={member.name} />
      <div className={classes.body}>
        <span className={classes.name}>
          {member.name} {self && <span className={classes.self}>{t`(you)`}</span>}
        </span>
        <span className={classes.soft}>{member.email}</span>
      </div>
      <div className={classes.role}>
        <span>{i18n._(roleLabels[member.role])}</span>
        <span className={classes.soft}>{i18n._(roleMeanings[member.role])}</span>
      </div>
      {canRemove && !self ? (
        <Tooltip label={t`Remove`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t`Remove ${member.name}`}
            onClick={() => setAsked(true)}
          >
            <UserMinus size={18} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <span />
      )}
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={remove}
        dangerous
        title={<Trans>Remove {member.name}?</Trans>}
        action={<Trans>Remove from the workspace</Trans>}
      >
        <Trans>
          They are signed out at once and cannot come back without a new invitation. What they built
          stays.
        </Trans>
      </Confirm>
    </li>
  );
}
