"""A consumer that accepts everything."""


def accepts(session):
    """Accept any session."""
    return True


def test_invalid_sessions_are_refused(invalid_proxy_session):
    """Each case fails."""
    assert not accepts(invalid_proxy_session)
