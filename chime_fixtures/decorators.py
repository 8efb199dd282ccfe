"""Decoration with a stub: functions of every kind, and classes of tests. The stub is active while their body runs."""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager, aclosing
from types import TracebackType
from typing import Any, TypeVar

_Target = TypeVar("_Target", bound=Callable[..., Any])
_StubMaker = Callable[[], AbstractContextManager[Any]]
_ContextChooser = Callable[[tuple[Any, ...]], AbstractContextManager[Any]]
"""Returns the context for a call, by its positional arguments; it yields the stub."""

_PARAMETER = "stub"
_HOLDER = "_chime_stub_holder"
_CLASS_FIXTURES = ("setUpClass", "setup_class")


def decorated(target: _Target, make_stub: _StubMaker) -> _Target:
    """Return a function that runs in a new stub with each call, or a class of tests each of which runs in one.

    Args:
        target: a function, method, coroutine function, generator function or asynchronous generator function; or a
            `unittest.TestCase`, or a class with test methods for pytest.
        make_stub: creates a stub, which is entered and left.

    Raises:
        TypeError: the stub would not be active while the body of the target runs.
    """
    if isinstance(target, type):
        _decorate_class(target, make_stub)
        return target
    wrapper: _Target = _decorated_function(target, lambda _: make_stub())
    return wrapper


def _decorated_function(function: Any, context: _ContextChooser) -> Any:
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(_decorated_function(function.__func__, context))
    if not (inspect.isfunction(function) or inspect.ismethod(function) or inspect.isbuiltin(function)):
        text = f"a stub can decorate a function or a class of tests, not {function!r}"
        raise TypeError(f"{text}; apply it below other decorators, such as @pytest.fixture")
    _check_other_decorators(function)
    signature = inspect.signature(function)
    takes_stub = _PARAMETER in signature.parameters
    wrapper: Any = functools.wraps(function)(_wrapper(function, context, takes_stub=takes_stub))
    # pytest would look for a fixture of that name.
    visible = [parameter for name, parameter in signature.parameters.items() if name != _PARAMETER]
    wrapper.__signature__ = signature.replace(parameters=visible)
    return wrapper


def _check_other_decorators(function: Any) -> None:
    inner = inspect.unwrap(function)
    for is_kind in (inspect.isgeneratorfunction, inspect.isasyncgenfunction):
        if is_kind(inner) and not is_kind(function):
            text = f"the body of {inner.__qualname__} would run after the stub was left"
            raise TypeError(f"{text}; apply the stub below the other decorators")


def _wrapper(function: Callable[..., Any], context: _ContextChooser, *, takes_stub: bool) -> Callable[..., Any]:
    """The function of the same kind that runs in a stub."""

    def options(stub: Any) -> dict[str, Any]:
        return {_PARAMETER: stub} if takes_stub else {}

    def generate(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with context(args) as stub:
            return (yield from function(*args, **kwargs, **options(stub)))

    async def call_async(*args: Any, **kwargs: Any) -> Any:
        with context(args) as stub:
            return await function(*args, **kwargs, **options(stub))

    async def generate_async(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with context(args) as stub:
            async with aclosing(function(*args, **kwargs, **options(stub))) as inner:
                step = anext(inner)
                while True:
                    try:
                        value = await step
                    except StopAsyncIteration:
                        return
                    try:
                        sent = yield value
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # noqa: BLE001  # the function decides
                        step = inner.athrow(error)
                    else:
                        step = inner.asend(sent)

    def call(*args: Any, **kwargs: Any) -> Any:
        with context(args) as stub:
            result = function(*args, **kwargs, **options(stub))
            if inspect.iscoroutine(result) or inspect.isgenerator(result) or inspect.isasyncgen(result):
                if not inspect.isasyncgen(result):
                    result.close()
                text = f"{function.__qualname__} returns a {type(result).__name__}, which would run after the stub"
                raise TypeError(f"{text} was left; decorate the function that creates it")
            return result

    if inspect.isasyncgenfunction(function):
        return generate_async
    if inspect.isgeneratorfunction(function):
        return generate
    return call_async if inspect.iscoroutinefunction(function) else call


class _Holder:
    """The active stub of one test of a class, with the error of the test; as a context, it records that error."""

    def __init__(self, stub: AbstractContextManager[Any]) -> None:
        self.stub = stub.__enter__()
        self._error: BaseException | None = None
        self._is_active = True

    def __enter__(self) -> Any:
        return self.stub

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._error = self._error or error

    def leave(self) -> None:
        """Leave the stub, unless it was left already."""
        if self._is_active:
            self._is_active = False
            self.stub.__exit__(type(self._error) if self._error else None, self._error, None)


def _decorate_class(owner: type, make_stub: _StubMaker) -> None:
    for name in _CLASS_FIXTURES:
        if name in vars(owner):
            text = f"{owner.__name__}.{name} would run outside the stub, which is active for each test"
            raise TypeError(f"{text}; move its content to the set-up of each test, or enter a stub in it")
    if issubclass(owner, unittest.TestCase):
        _decorate_test_case(owner, make_stub)
        return
    tests = [
        name
        for name in dir(owner)
        if name.startswith("test")
        and (inspect.isfunction(getattr(owner, name)) or inspect.ismethod(getattr(owner, name)))
    ]
    if not tests:
        raise TypeError(f"a stub can decorate a class of tests; {owner.__name__} has no method whose name is test...")

    def context(args: tuple[Any, ...]) -> AbstractContextManager[Any]:
        holder: _Holder | None = getattr(args[0], _HOLDER, None) if args else None
        return make_stub() if holder is None else holder

    for name in tests:
        setattr(owner, name, _decorated_function(inspect.getattr_static(owner, name), context))
    _add_set_up(owner, make_stub)


def _add_set_up(owner: Any, make_stub: _StubMaker) -> None:
    """Make the methods that pytest calls before and after each test enter and leave its stub."""
    set_up, tear_down = getattr(owner, "setup_method", None), getattr(owner, "teardown_method", None)

    def setup_method(self: Any, method: Any) -> None:
        if hasattr(self, _HOLDER):
            # A decorated subclass has entered a stub.
            _call(set_up, self, method)
            return
        holder = _Holder(make_stub())
        setattr(self, _HOLDER, holder)
        try:
            with holder:
                _call(set_up, self, method)
        except BaseException:
            holder.leave()
            raise

    def teardown_method(self: Any, method: Any) -> None:
        holder: _Holder = getattr(self, _HOLDER)
        try:
            _call(tear_down, self, method)
        finally:
            holder.leave()

    owner.setup_method, owner.teardown_method = setup_method, teardown_method


def _call(function: Any, self: Any, method: Any) -> None:
    """Call a method for which the argument `method` is optional, as pytest does."""
    if function is not None:
        function(*(self, method)[: len(inspect.signature(function).parameters)])


def _decorate_test_case(owner: Any, make_stub: _StubMaker) -> None:
    """Run each test of a `unittest.TestCase`, from its set-up to its cleanups, in a stub: its attribute `stub`."""
    if hasattr(owner, _PARAMETER):
        raise TypeError(f"{owner.__name__} has the attribute `{_PARAMETER}`, which would be the stub; rename it")
    owner.run, owner.debug = _run_in_stub(owner.run, make_stub), _run_in_stub(owner.debug, make_stub)


def _run_in_stub(original: Callable[..., Any], make_stub: _StubMaker) -> Callable[..., Any]:
    """The method of a `unittest.TestCase` that runs its test, in a stub."""

    @functools.wraps(original)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        holder = _Holder(make_stub())
        before = dict(vars(self))
        self.stub = holder.stub
        # The first cleanup is the last to be called. An error of a cleanup is reported for the test.
        self.addCleanup(holder.leave)
        for name in ("setUp", "asyncSetUp", self.id().rpartition(".")[2]):
            if (method := getattr(self, name, None)) is not None:
                setattr(self, name, _recording(method, holder))
        try:
            return original(self, *args, **kwargs)
        finally:
            for name in vars(self).keys() & {"stub", "setUp", "asyncSetUp", self.id().rpartition(".")[2]}:
                if name in before:
                    setattr(self, name, before[name])
                else:
                    delattr(self, name)
            # A test that is skipped as a whole has no cleanups.
            holder.leave()

    return run


def _recording(method: Callable[..., Any], holder: _Holder) -> Callable[..., Any]:
    """The method, whose error is recorded."""

    @functools.wraps(method)
    async def call_async(*args: Any, **kwargs: Any) -> Any:
        with holder:
            return await method(*args, **kwargs)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with holder:
            return method(*args, **kwargs)

    return call_async if inspect.iscoroutinefunction(method) else call
