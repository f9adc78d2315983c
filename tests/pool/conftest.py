"""The pool is tested on the event loop that it has in production, which fires timers before it reads; asyncio's reads first."""

import uvloop


def pytest_asyncio_loop_factories():
    return {"uvloop": uvloop.new_event_loop}
