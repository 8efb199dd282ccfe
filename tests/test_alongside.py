"""The kit's sessions within the factories of others."""

import factory
import jsonschema_rs
from polyfactory import Use
from polyfactory.factories import TypedDictFactory

from chime_fixtures import ChimeProvider, ProxySessionFactory
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.types import ProxySession

JUDGE = jsonschema_rs.Draft202012Validator(load_contract("ProxySession").schema, validate_formats=True)


def test_sessions_within_factory_boy():
    """A session as a member of another object, and each word through factory.Faker."""
    factory.Faker.add_provider(ChimeProvider)
    sessions = ProxySessionFactory(seed=7)

    class Ride(factory.DictFactory):
        number = factory.Sequence(lambda n: n)
        driver = factory.Faker("fictional_phone_number", country="GB")
        session = factory.LazyFunction(sessions.build)

    rides = Ride.build_batch(20)
    assert all(ride["driver"].startswith("+44") for ride in rides)
    assert [ride["session"] for ride in rides] == ProxySessionFactory(seed=7).batch(20)


def test_sessions_within_polyfactory():
    """A TypedDictFactory whose members come from the words, or whose sessions come whole."""
    sessions = ProxySessionFactory(seed=7)

    class Sessions(TypedDictFactory[ProxySession]):
        __random_seed__ = 1

        @classmethod
        def build(cls, **overrides):
            return sessions.build(**overrides)

    built = Sessions.batch(20, Status="Open")
    assert all(map(JUDGE.is_valid, built))
    assert {session["Status"] for session in built} == {"Open"}

    class Named(TypedDictFactory[ProxySession]):
        Name = Use(lambda: sessions.build()["Name"])

    assert len(Named.build()["Name"]) > 0
