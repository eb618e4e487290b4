"""People come in by links and passwords, and are out at once when they are removed."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from tramo.app.account import IDLE_MS, SESSION_MS, AccountDesk
from tramo.app.password import Passwords
from tramo.app.port import SystemIds
from tramo.app.throttle import Throttle, neighbourhood
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.store.database import Database, open_database

from tests.web.kit import ManualClock, fast_passwords

PASSWORD = "correct horse battery"
HOME = "203.0.113.7"


@pytest.fixture
async def database(tmp_path: Path):
    database = await open_database(tmp_path)
    yield database
    await database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def desk(database: Database, clock: ManualClock) -> AccountDesk:
    return AccountDesk(
        database=database,
        clock=clock,
        ids=SystemIds(),
        url=lambda: "http://127.0.0.1:8700",
        passwords=fast_passwords(),
    )


def token_of(link: dict[str, str]) -> str:
    return link["url"].partition("#t=")[2]


async def make_owner(desk: AccountDesk, email: str = "ana@example.com"):
    link = await desk.make_link("owner")
    return await desk.create_account(
        token_of(link), name="Ana", email=email, password=PASSWORD, language="es"
    )


async def join(desk: AccountDesk, owner: Scope, email: str, role: str):
    link = await desk.invite(owner, email, role)
    return await desk.create_account(
        token_of(link), name=email, email=email, password=PASSWORD, language="en"
    )


async def code_of(work) -> str:
    with pytest.raises(TramoError) as caught:
        await work
    return caught.value.code


async def test_the_owner_link_makes_the_owner_and_works_once(desk):
    assert not await desk.owner_exists()
    link = await desk.make_link("owner")
    assert link["url"].startswith("http://127.0.0.1:8700/start#t=")
    redeemed = await desk.redeem(token_of(link))
    assert (redeemed.purpose, redeemed.role, redeemed.entered) == ("owner", "owner", None)
    account = {"name": "Ana", "email": " Ana@Example.com ", "language": "es"}
    entered = await desk.create_account(token_of(link), password=PASSWORD, **account)
    assert entered.session.role == "owner"
    assert entered.session.user["email"] == "ana@example.com"
    assert await desk.owner_exists()
    again = desk.create_account(token_of(link), password=PASSWORD, **account)
    assert await code_of(again) == "link.used"
    assert await code_of(desk.redeem(token_of(link))) == "link.used"


async def test_two_people_with_one_link_make_one_account(desk):
    token = token_of(await desk.make_link("owner"))
    tries = [
        desk.create_account(
            token, name="x", email=f"{name}@example.com", password=PASSWORD, language="en"
        )
        for name in ("ana", "bea")
    ]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Entered", "TramoError"]


async def test_a_new_owner_link_withdraws_the_one_before(desk):
    first = await desk.make_link("owner")
    second = await desk.make_link("owner")
    assert await code_of(desk.redeem(token_of(first))) == "link.used"
    assert (await desk.redeem(token_of(second))).purpose == "owner"


async def test_an_invitation_is_for_its_address_and_expires_in_a_week(desk, clock):
    owner = (await make_owner(desk)).session.scope
    link = await desk.invite(owner, "bea@example.com", "editor")
    other = desk.create_account(
        token_of(link), name="Eve", email="eve@example.com", password=PASSWORD, language="en"
    )
    assert await code_of(other) == "link.other_email"
    clock.move(7 * 86_400 + 1)
    assert await code_of(desk.redeem(token_of(link))) == "link.used"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("password", "short", "account.password_short"),
        ("password", "x" * 201, "account.password_long"),
        ("email", "nobody", "account.email"),
        ("email", "a b@example.com", "account.email"),
        ("email", "a@example.com\n", None),
        ("language", "tlh", "account.language"),
    ],
)
async def test_unfit_fields_are_named_and_leave_the_link_usable(desk, field, value, code):
    link = await desk.make_link("owner")
    fields = {"name": "A", "email": "a@example.com", "password": PASSWORD, "language": "en"}
    work = desk.create_account(token_of(link), **{**fields, field: value})
    if code is None:
        await work
        return
    assert await code_of(work) == code
    assert (await desk.redeem(token_of(link))).purpose == "owner"


async def test_an_unknown_e_mail_and_a_wrong_password_get_the_same_answer(desk):
    await make_owner(desk)
    answers = []
    for email in ("ana@example.com", "nobody@example.com", "not an address", "\ud800@x"):
        with pytest.raises(TramoError) as caught:
            await desk.sign_in(email, "wrong password", address=HOME)
        answers.append((caught.value.code, caught.value.message, caught.value.status))
    assert set(answers) == {answers[0]}
    assert answers[0][0] == "session.refused"


async def test_an_unknown_e_mail_costs_the_same_work(database, clock):
    desk = AccountDesk(
        database=database, clock=clock, ids=SystemIds(), url=lambda: "http://x", passwords=None
    )
    await make_owner(desk)
    took: dict[str, list[float]] = {"ana@example.com": [], "nobody@example.com": []}
    for round_ in range(4):
        for email, times in took.items():
            start = time.process_time()
            await code_of(desk.sign_in(email, "wrong password", address=f"203.0.113.{round_}"))
            times.append(time.process_time() - start)
    known, unknown = (min(times) for times in took.values())
    assert 0.02 < known < 2
    assert unknown == pytest.approx(known, rel=0.5)


async def test_an_account_without_a_password_cannot_be_entered_by_one(desk):
    await desk.ensure_owner(name="Demo", email="demo@example.com")
    for password in ("!", "", "wrong password"):
        refused = desk.sign_in("demo@example.com", password, address=HOME)
        assert await code_of(refused) == "session.refused"


async def test_a_sign_in_link_lets_in_once_for_half_an_hour(desk, clock):
    user = await desk.ensure_owner(name="Demo", email="demo@example.com")
    assert await desk.ensure_owner(name="Demo", email="demo@example.com") == user
    link = await desk.make_link("sign_in", user_id=user)
    redeemed = await desk.redeem(token_of(link))
    assert redeemed.entered is not None
    assert redeemed.entered.session.user["id"] == user
    assert await code_of(desk.redeem(token_of(link))) == "link.used"
    late = await desk.make_link("sign_in", user_id=user)
    clock.move(30 * 60)
    assert await code_of(desk.redeem(token_of(late))) == "link.used"


async def test_a_sign_in_link_makes_no_account(desk):
    user = await desk.ensure_owner(name="Demo", email="demo@example.com")
    link = await desk.make_link("sign_in", user_id=user)
    work = desk.create_account(
        token_of(link), name="E", email="eve@example.com", password=PASSWORD, language="en"
    )
    assert await code_of(work) == "link.used"


async def test_each_sign_in_begins_a_session_of_its_own_and_ends_the_one_before(desk):
    first = await make_owner(desk)
    second = await desk.sign_in("ana@example.com", PASSWORD, address=HOME, before=first.token)
    assert second.token != first.token
    assert second.session.csrf != first.session.csrf
    assert await desk.session(first.token) is None
    assert (await desk.session(second.token)).user["name"] == "Ana"
    await desk.sign_out(second.token)
    assert await desk.session(second.token) is None


async def test_a_session_ends_when_idle_and_at_last_in_any_case(desk, clock):
    entered = await make_owner(desk)
    clock.move(IDLE_MS / 1000 - 1)
    assert await desk.session(entered.token) is not None
    clock.move(IDLE_MS / 1000 - 1)
    assert await desk.session(entered.token) is not None, "being used keeps it alive"
    clock.move(IDLE_MS / 1000)
    assert await desk.session(entered.token) is None
    entered = await desk.sign_in("ana@example.com", PASSWORD, address=HOME)
    for _ in range(int(SESSION_MS / IDLE_MS) + 2):
        clock.move(IDLE_MS / 1000 - 60)
        await desk.session(entered.token)
    assert await desk.session(entered.token) is None


async def test_nothing_secret_is_stored_in_the_clear(desk, database):
    entered = await make_owner(desk)
    owner = entered.session.scope
    link = await desk.invite(owner, "bea@example.com", "editor")
    made = await desk.create_token(owner, "ci", "editor")
    dump = await database.read(
        lambda c: "".join(
            str(row)
            for name in ("user", "session", "link", "token")
            for row in c.execute(text(f'SELECT * FROM "{name}"')).all()
        )
    )
    for secret in (PASSWORD, entered.token, token_of(link), made["token"]):
        assert secret not in dump
    assert "$argon2id$" in dump


async def test_guessing_is_slowed_down_per_account_and_address(desk, clock):
    await make_owner(desk)
    for _ in range(5):
        await code_of(desk.sign_in("ana@example.com", "wrong password", address=HOME))
    with pytest.raises(TramoError) as caught:
        await desk.sign_in("ana@example.com", PASSWORD, address=HOME)
    assert (caught.value.code, caught.value.status) == ("session.slow_down", 429)
    assert caught.value.params["retry_after_s"] >= 1
    elsewhere = await desk.sign_in("ana@example.com", PASSWORD, address="198.51.100.1")
    assert elsewhere.session.user["email"] == "ana@example.com", "nobody can lock Ana out"
    clock.move(caught.value.params["retry_after_s"])
    await desk.sign_in("ana@example.com", PASSWORD, address=HOME)
    await desk.sign_in("ana@example.com", PASSWORD, address=HOME)


async def test_guessing_unknown_accounts_is_slowed_down_alike(desk):
    await make_owner(desk)
    for _ in range(5):
        await code_of(desk.sign_in("nobody@example.com", "wrong password", address=HOME))
    slowed = desk.sign_in("nobody@example.com", "wrong password", address=HOME)
    assert await code_of(slowed) == "session.slow_down"


async def test_spraying_many_accounts_from_one_address_is_slowed_down(desk):
    codes = [
        await code_of(desk.sign_in(f"u{n}@example.com", "wrong password", address=HOME))
        for n in range(32)
    ]
    assert codes[0] == "session.refused"
    assert codes[-1] == "session.slow_down"


async def test_many_guesses_at_once_gain_nothing(desk):
    await make_owner(desk)
    codes = await asyncio.gather(
        *(
            code_of(desk.sign_in("ana@example.com", "wrong password", address=HOME))
            for _ in range(20)
        )
    )
    assert codes.count("session.refused") <= 5


async def test_a_crowd_before_the_hash_is_sent_away(monkeypatch):
    passwords = Passwords(time_cost=1, memory_kib=8)
    results = await asyncio.gather(
        *(passwords.hash(PASSWORD) for _ in range(40)), return_exceptions=True
    )
    assert any(isinstance(result, TramoError) for result in results)
    assert sum(isinstance(result, str) for result in results) >= 16


def test_a_throttle_doubles_its_pause_forgives_and_stays_bounded():
    clock = ManualClock()
    throttle = Throttle(clock, free=2, longest_s=8, forgive_s=100, capacity=3)
    pauses = []
    while len(pauses) < 6:
        try:
            throttle.admit("a")
        except TramoError as error:
            pauses.append(error.params["retry_after_s"])
            clock.move(pauses[-1])
    assert pauses == [1, 2, 4, 8, 8, 8]
    clock.move(101)
    throttle.admit("a")
    throttle.admit("a")
    for key in "bcde":
        throttle.admit(key)
    assert len(throttle._tries) == 3


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unix", "unix"),
    ],
)
def test_one_household_counts_as_one_address(address, shared):
    assert neighbourhood(address) == shared


async def test_removing_a_member_ends_sessions_and_tokens(desk):
    owner = (await make_owner(desk)).session.scope
    bea = await join(desk, owner, "bea@example.com", "editor")
    made = await desk.create_token(bea.session.scope, "ci", "editor")
    scope = await desk.token_scope(made["token"])
    assert (scope.role, scope.workspace_id) == ("editor", owner.workspace_id)
    await desk.remove_member(owner, bea.session.user["id"])
    assert await desk.session(bea.token) is None
    assert await desk.token_scope(made["token"]) is None
    gone = desk.sign_in("bea@example.com", PASSWORD, address=HOME)
    assert await code_of(gone) == "session.refused"


async def test_the_last_owner_stays(desk):
    owner = (await make_owner(desk)).session.scope
    assert await code_of(desk.remove_member(owner, owner.actor)) == "member.last_owner"
    bea = await join(desk, owner, "bea@example.com", "owner")
    await desk.remove_member(bea.session.scope, owner.actor)
    assert [item["id"] for item in (await desk.members(owner))["items"]] == [bea.session.user["id"]]


async def test_a_new_invitation_lets_somebody_back_in_who_forgot_the_password(desk):
    owner = (await make_owner(desk)).session.scope
    bea = await join(desk, owner, "bea@example.com", "editor")
    link = await desk.invite(owner, "bea@example.com", "viewer")
    again = await desk.create_account(
        token_of(link),
        name="Bea",
        email="bea@example.com",
        password="another long one",
        language="ro",
    )
    assert again.session.user["id"] == bea.session.user["id"]
    assert again.session.role == "editor", "an invitation does not change the role of a member"
    assert await desk.session(bea.token) is None
    await desk.sign_in("bea@example.com", "another long one", address=HOME)


async def test_an_invitation_cannot_take_over_an_account_of_another_workspace(desk, database):
    owner = (await make_owner(desk)).session.scope
    await database.write(
        lambda c: c.execute(
            text("INSERT INTO workspace VALUES ('ws_other', 'Other', 1900000000000)")
        )
    )
    link = await desk.invite(Scope("ws_other", "user_eve", "owner"), "ana@example.com", "viewer")
    work = desk.create_account(
        token_of(link), name="Eve", email="ana@example.com", password="evil password", language="en"
    )
    assert await code_of(work) == "account.email_taken"
    await desk.sign_in("ana@example.com", PASSWORD, address=HOME)
    assert owner.workspace_id != "ws_other"


async def test_a_token_never_stands_above_its_maker(desk):
    owner = (await make_owner(desk)).session.scope
    bea = (await join(desk, owner, "bea@example.com", "editor")).session.scope
    assert await code_of(desk.create_token(bea, "x", "owner")) == "token.role"
    made = await desk.create_token(bea, "x", "editor")
    of_token = await desk.token_scope(made["token"])
    child = await desk.create_token(of_token, "child", "viewer")
    assert (await desk.token_scope(child["token"])).role == "viewer"
    await desk.remove_member(owner, bea.actor)
    assert await desk.token_scope(child["token"]) is None, "a token's token falls with its maker"


async def test_people_see_their_own_tokens_and_an_owner_sees_all(desk):
    owner = (await make_owner(desk)).session.scope
    bea = (await join(desk, owner, "bea@example.com", "editor")).session.scope
    of_owner = await desk.create_token(owner, "mine", "owner")
    of_bea = await desk.create_token(bea, "hers", "viewer")
    assert [item["name"] for item in (await desk.tokens(bea))["items"]] == ["hers"]
    assert len((await desk.tokens(owner))["items"]) == 2
    assert "token" not in (await desk.tokens(owner))["items"][0]
    assert await code_of(desk.delete_token(bea, of_owner["id"])) == "token.unknown"
    await desk.delete_token(owner, of_bea["id"])
    assert await desk.token_scope(of_bea["token"]) is None
    assert await desk.token_scope("tramo_made_up") is None
    assert await desk.token_scope("another") is None


async def test_what_matters_to_an_audit_is_logged_without_secrets(desk, caplog):
    caplog.set_level(logging.INFO, "tramo.audit")
    entered = await make_owner(desk)
    await code_of(desk.sign_in("ana@example.com", "wrong password", address=HOME))
    assert "account made" in caplog.text
    assert "sign-in refused" in caplog.text
    assert entered.token not in caplog.text
    assert "wrong password" not in caplog.text


async def test_a_local_token_works_in_this_process_only(desk, database, clock):
    workspace = await desk.bootstrap()
    scope = Scope(workspace, "command line")
    text_ = desk.local_token(scope)
    assert await desk.token_scope(text_) == scope
    assert desk.workspace_id == workspace
    other = AccountDesk(
        database=database, clock=clock, ids=SystemIds(), url=str, passwords=fast_passwords()
    )
    assert await other.token_scope(text_) is None
