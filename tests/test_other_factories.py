"""Sessions inside the factories of factory_boy and polyfactory."""

import factory
import jsonschema_rs
from polyfactory import Use
from polyfactory.factories import TypedDictFactory

from chime_fixtures import ChimeProvider, ProxySessionFactory
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.types import ProxySession

VALIDATOR = jsonschema_rs.Draft202012Validator(load_contract("ProxySession").schema, validate_formats=True)


def test_factory_boy():
    """A session is a value of a factory_boy factory, and `factory.Faker` has the provider's methods."""
    factory.Faker.add_provider(ChimeProvider)
    sessions = ProxySessionFactory(seed=7)

    class Ride(factory.DictFactory):
        number = factory.Sequence(lambda n: n)
        driver = factory.Faker("fictional_phone_number", country="GB")
        session = factory.LazyFunction(sessions.build)

    rides = Ride.build_batch(20)
    assert all(ride["driver"].startswith("+44") for ride in rides)
    assert [ride["session"] for ride in rides] == ProxySessionFactory(seed=7).batch(20)


def test_polyfactory():
    """A TypedDictFactory takes whole sessions, or single members, from `ProxySessionFactory`."""
    sessions = ProxySessionFactory(seed=7)

    class Sessions(TypedDictFactory[ProxySession]):
        __random_seed__ = 1

        @classmethod
        def build(cls, **overrides):
            return sessions.build(**overrides)

    built = Sessions.batch(20, Status="Open")
    assert all(map(VALIDATOR.is_valid, built))
    assert {session["Status"] for session in built} == {"Open"}

    class Named(TypedDictFactory[ProxySession]):
        Name = Use(lambda: sessions.build()["Name"])

    assert len(Named.build()["Name"]) > 0
