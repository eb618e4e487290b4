/** Who may enter, who is invited, and which programs hold a token. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useIsOwner } from "../session/session.ts";
import { PageFrame } from "../shell/PageFrame.tsx";
import { InviteButton } from "./InviteButton.tsx";
import { MemberList } from "./MemberList.tsx";
import { TokenSection } from "./TokenSection.tsx";

export default function PeoplePage() {
  const { t } = useLingui();
  const isOwner = useIsOwner();
  return (
    <PageFrame
      title={t`People`}
      lead={<Trans>Whoever is here can sign in to this workspace.</Trans>}
      actions={isOwner ? <InviteButton /> : null}
    >
      <MemberList canRemove={isOwner} />
      {isOwner && <TokenSection />}
    </PageFrame>
  );
}
