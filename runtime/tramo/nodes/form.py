"""What a form asks: its fields, its texts, and where its address is."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from tramo import sdk
from tramo.nodes.trigger import Path
from tramo.sdk import Meta


class FormField(sdk.Params, kw_only=True):
    name: Annotated[
        str,
        Meta(
            title="Name",
            description="What the answer is called in the flow: small letters, digits and _.",
            pattern="^[a-z][a-z0-9_]{0,39}$",
        ),
    ]
    label: Annotated[
        str,
        Meta(
            title="Label",
            description="What people read above the field.",
            min_length=1,
            max_length=200,
        ),
    ]
    kind: Annotated[
        Literal["text", "long_text", "number", "money", "date", "choice", "email", "yes_no"],
        Meta(title="Kind", description="What may be entered."),
        sdk.hint(
            labels={
                "text": "A line of text",
                "long_text": "A longer text",
                "number": "A number",
                "money": "An amount of money",
                "date": "A day",
                "email": "An e-mail address",
                "choice": "One of several choices",
                "yes_no": "Yes or no",
            }
        ),
    ] = "text"
    required: Annotated[
        bool, Meta(title="Required", description="Whether it must be filled in.")
    ] = True
    help: Annotated[
        str,
        Meta(title="Help", description="A sentence under the label.", max_length=500),
    ] = ""
    options: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=200)]],
        Meta(title="Choices", description="What can be chosen, one by one.", max_length=100),
        sdk.hint(when={"kind": ["choice"]}),
    ] = msgspec.field(default_factory=list)
    currency: Annotated[
        str,
        Meta(
            title="Currency",
            description="Of an amount of money, such as EUR.",
            pattern="^[A-Z]{3}$",
        ),
        sdk.hint(when={"kind": ["money"]}),
    ] = "EUR"


class Form(sdk.Params, kw_only=True):
    title: Annotated[
        str, Meta(title="Title", description="The page's heading.", min_length=1, max_length=200)
    ]
    text: Annotated[
        sdk.LongText,
        Meta(title="Introduction", description="Text above the fields.", max_length=5_000),
    ] = ""
    fields: Annotated[
        list[FormField],
        Meta(title="Fields", description="What is asked.", min_length=1, max_length=50),
    ]
    keys: Annotated[
        dict[str, Path],
        Meta(
            title="Business keys",
            description="What a form is about, so that its runs can be found by it later: "
            "a kind such as order, and the field that holds its value.",
        ),
        sdk.hint(widget="keys"),
    ] = msgspec.field(default_factory=dict)
    button: Annotated[
        str,
        Meta(title="Button", description="What it says on it. Empty: Send.", max_length=60),
    ] = ""
    thanks: Annotated[
        sdk.LongText,
        Meta(
            title="Thank-you text",
            description="Shown when the form was sent. Empty: a short word of thanks.",
            max_length=5_000,
        ),
    ] = ""
    redirect: Annotated[
        Annotated[str, Meta(pattern=r"^https://[^\s/?#@]+([/?#]\S*)?$", max_length=1_000)] | None,
        Meta(
            title="Go on to",
            description="A page to open instead of the thank-you text, beginning with https://.",
        ),
        sdk.hint(advanced=True),
    ] = None
    slug: Annotated[
        Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{2,39}$")] | None,
        Meta(
            title="Address",
            description="The last part of the form's address, such as returns. Empty: one that "
            "nobody can guess.",
        ),
        sdk.hint(advanced=True),
    ] = None


EXAMPLE: Final = {"order": "1001", "reason": "Too small", "refund": True}
