"""Values through sockets of pyzmq, which block or are of asyncio."""

import asyncio

import pytest

np = pytest.importorskip("numpy")
zmq = pytest.importorskip("zmq")
pytest.importorskip("zmq.asyncio")

from fastpyon import pyon  # noqa: E402
from fastpyon import zmq as pyon_zmq  # noqa: E402

VALUE = {"n": (1, 2.5), "a": np.arange(50_000), "b": [np.ones((300, 100), ">f4").T]}


def same(x):
    return pyon.encode(x) == pyon.encode(VALUE)


@pytest.fixture
def context():
    with zmq.Context() as context:
        context.setsockopt(zmq.LINGER, 0)
        context.setsockopt(zmq.RCVTIMEO, 30_000)
        yield context


def pair(context, kinds=(zmq.PAIR, zmq.PAIR)):
    sender, receiver = map(context.socket, kinds)
    receiver.connect(f"tcp://127.0.0.1:{sender.bind_to_random_port('tcp://127.0.0.1')}")
    return sender, receiver


@pytest.mark.parametrize("frames", [False, True])
def test_there_and_back(context, frames):
    sender, receiver = pair(context)
    with sender, receiver:
        for value in VALUE, None, [1, {2}], VALUE:
            pyon_zmq.send(sender, value, frames=frames)
            assert pyon.encode(pyon_zmq.recv(receiver, frames=frames)) == pyon.encode(value)


def test_the_text_is_one_frame_and_arrays_are_others(context):
    sender, receiver = pair(context)
    with sender, receiver:
        pyon_zmq.send(sender, VALUE)
        assert receiver.recv_multipart() == [pyon.encode(VALUE).encode()]
        pyon_zmq.send(sender, VALUE, frames=True)
        text, *data = receiver.recv_multipart()
        assert text.startswith(b'{"n":') and data == [VALUE["a"].tobytes(), VALUE["b"][0].tobytes()]
        receiver.send(b'{"a":[1,2.5]}')
        assert pyon_zmq.recv(sender, frames=True) == {"a": [1, 2.5]}


def test_the_array_has_the_memory_of_the_message(context):
    sender, receiver = pair(context)
    with sender, receiver:
        tracker = pyon_zmq.send(sender, VALUE, frames=True, track=True)
        array = pyon_zmq.recv(receiver, frames=True)["a"]
        tracker.wait(30)
    assert not array.flags.owndata and array.flags.writeable
    array += 1  # the socket is closed, the memory is there
    assert array[-1] == 50_000


def test_the_memory_of_the_sender_cannot_be_written_to(context):
    """By inproc, the message of the receiver is that of the sender, and of other receivers."""
    with context.socket(zmq.PAIR) as sender, context.socket(zmq.PAIR) as receiver:
        sender.bind("inproc://test")
        receiver.connect("inproc://test")
        array = np.zeros(50_000)
        for parts in False, True:
            pyon_zmq.send(sender, array, frames=True)
            if parts:
                received = pyon_zmq.deserialize(receiver.recv_multipart(copy=False), frames=True)
            else:
                received = pyon_zmq.recv(receiver, frames=True)
            assert np.shares_memory(array, received) and not received.flags.writeable


def test_all_arrays_are_tracked(context):
    """A small array at the end is copied by pyzmq, so it is sent at once. The large one is not."""
    with context.socket(zmq.PAIR) as sender, context.socket(zmq.PAIR) as receiver:
        sender.bind("inproc://test")
        receiver.connect("inproc://test")
        tracker = pyon_zmq.send(sender, [np.arange(50_000), np.arange(1000)], frames=True, track=True)
        assert not tracker.done
        received = pyon_zmq.recv(receiver, frames=True)
        assert not tracker.done and received[0][-1] == 49_999
        del received
        tracker.wait(30)


def test_frames_must_be_expected(context):
    sender, receiver = pair(context)
    with sender, receiver:
        pyon_zmq.send(sender, VALUE, frames=True)
        pyon_zmq.send(sender, 5)
        with pytest.raises(ValueError, match="a message of 3 frames: frames=True reads it"):
            pyon_zmq.recv(receiver)
        assert pyon_zmq.recv(receiver) == 5


def test_the_next_message_comes_after_a_wrong_one(context):
    sender, receiver = pair(context)
    with sender, receiver:
        code = b'{"__jsonclass__":["os.system",["ls"]]}', b"cos\nsystem\n(S'ls'\ntR."
        for message in [b"["], [b"[1]", b"x"], [code[0]], [code[1]], [b""]:
            sender.send_multipart(message)
            pyon_zmq.send(sender, "next")
            with pytest.raises((ValueError, TypeError)):
                pyon_zmq.recv(receiver, frames=True)
            assert pyon_zmq.recv(receiver) == "next"


def test_bounds(context):
    sender, receiver = pair(context)
    with sender, receiver:
        for limit in {"max_bytes": 1000}, {"max_text": 10}:
            pyon_zmq.send(sender, VALUE, frames=True)
            with pytest.raises(ValueError, match=f"more than {[*limit.values()][0]}"):
                pyon_zmq.recv(receiver, frames=True, **limit)


def test_nothing_is_sent_of_what_is_not_pyon(context):
    sender, receiver = pair(context)
    with sender, receiver:
        for frames in False, True:
            with pytest.raises(TypeError):
                pyon_zmq.send(sender, [np.arange(9999), object()], frames=frames)
        pyon_zmq.send(sender, 1)
        assert pyon_zmq.recv(receiver) == 1


def test_flags(context):
    sender, receiver = pair(context)
    with sender, receiver, pytest.raises(zmq.Again):
        pyon_zmq.recv(receiver, zmq.NOBLOCK)


def test_a_router_has_the_parts(context):
    router, dealer = pair(context, (zmq.ROUTER, zmq.DEALER))
    with router, dealer:
        dealer.send_multipart(pyon_zmq.serialize(VALUE, frames=True), copy=False)
        who, *message = router.recv_multipart(copy=False)
        assert same(pyon_zmq.deserialize(message, frames=True))
        router.send_multipart([who, *pyon_zmq.serialize([1])])
        assert dealer.recv_serialized(pyon_zmq.deserialize) == [1]


def test_asyncio(context):
    async def talk():
        sender, receiver = pair(zmq.asyncio.Context(context))
        with sender, receiver:
            for frames in False, True:
                received = asyncio.ensure_future(pyon_zmq.recv(receiver, frames=frames))
                await asyncio.sleep(0)
                await pyon_zmq.send(sender, VALUE, frames=frames)
                assert same(await received)
            tracker = await pyon_zmq.send(sender, [VALUE["a"], np.arange(1000)], frames=True, track=True)
            value = await pyon_zmq.recv(receiver, frames=True)
            tracker.wait(30)
            assert value[1][-1] == 999
            await sender.send(b"[")
            await pyon_zmq.send(sender, 5)
            with pytest.raises(ValueError):
                await pyon_zmq.recv(receiver)
            assert await pyon_zmq.recv(receiver) == 5

    asyncio.run(asyncio.wait_for(talk(), 60))
