"""A consumer that takes whatever it gets."""


def accepts(session):
    """Nothing is ever refused."""
    return True


def test_invalid_sessions_are_refused(invalid_proxy_session):
    """It should refuse each one, and refuses none."""
    assert not accepts(invalid_proxy_session)
