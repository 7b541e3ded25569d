from __future__ import annotations

import pytest

from kvmtla.tlc.protocol import ERROR, NONE, Message, Protocol


def fed(text: str) -> Protocol:
    protocol = Protocol()
    for line in text.splitlines(keepends=True):
        protocol.feed(line)
    protocol.close()
    return protocol


def start(code: int, klass: str = ":0") -> str:
    return f"@!@!@STARTMSG {code}{klass} @!@!@\n"


def end(code: int) -> str:
    return f"@!@!@ENDMSG {code} @!@!@\n"


def test_messages_come_as_they_are_finished() -> None:
    protocol = Protocol()
    assert protocol.feed("@!@!@STARTMSG 2110:1 @!@!@\n") is None
    assert protocol.feed("one\r\n") is None
    assert protocol.feed("") is None
    assert protocol.feed("two") is None
    message = protocol.feed("@!@!@ENDMSG 2110 @!@!@\n")
    assert message == Message(2110, ERROR, "one\n\ntwo")
    assert protocol.messages == [message]


def test_a_class_may_be_missing_and_a_code_negative() -> None:
    assert fed(start(2193, "") + "x\n" + end(2193)).messages == [Message(2193, None, "x")]
    assert fed(start(-1) + end(-1)).messages == [Message(-1, NONE, "")]


def test_a_message_within_a_message() -> None:
    text = f"{start(1000, ':1')}before\n: {start(2132)}inside\n{end(2132)}after\n{end(1000)}"
    protocol = fed(text)
    inner = Message(2132, NONE, "inside")
    outer = Message(1000, ERROR, "before\n: \ninside\nafter", (inner,))
    assert protocol.messages == [outer]
    assert outer.walk() == [outer, inner]
    assert not protocol.faults
    assert not protocol.stray


def test_the_parser_writes_between_its_two_messages() -> None:
    text = start(2220) + end(2220) + "Parsing file\n\n" + start(2219) + end(2219) + "\nlate\n"
    protocol = fed(text)
    assert protocol.sany == ["Parsing file"]
    assert protocol.stray == ["late"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (start(2193) + "x\n", "message 2193 has no end"),
        (start(2193) + start(2199) + end(2199), "message 2193 has no end"),
        (end(2193), "end of message 2193, where none was to come"),
        (start(1) + end(2) + end(1), "end of message 2, where that of 1 was to come"),
        (start(1) + "@!@!@ENDMSG 1 @!@!\n" + end(1), "neither start nor end"),
        ("@!@!@STARTMSG x @!@!@\n", "neither start nor end"),
        (start(1) + "x @!@!@ENDMSG 1 @!@!@\n" + end(1), "neither start nor end"),
    ],
)
def test_damage_is_noticed(text: str, fault: str) -> None:
    assert fault in "\n".join(fed(text).faults)


def test_what_stands_before_a_mark_is_not_lost() -> None:
    protocol = fed("Exception: " + start(2162) + "x\n" + end(2162))
    assert protocol.stray == ["Exception: "]
    assert [message.code for message in protocol.messages] == [2162]
