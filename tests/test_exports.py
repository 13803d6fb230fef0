"""The public names: few, sorted, and all there."""

import homeroom


def test_the_public_names_are_sorted_and_at_most_twelve() -> None:
    assert homeroom.__all__ == sorted(homeroom.__all__)
    assert len(homeroom.__all__) <= 12


def test_every_public_name_can_be_imported() -> None:
    missing = [name for name in homeroom.__all__ if getattr(homeroom, name, None) is None]
    assert missing == []


def test_sync_is_the_function_even_after_the_command_line_was_imported() -> None:
    import homeroom.cli.app
    import homeroom.sync_run

    assert callable(homeroom.sync)
    assert homeroom.sync is homeroom.sync_run.sync


def test_check_is_the_function_too() -> None:
    import homeroom.check_run

    assert homeroom.check is homeroom.check_run.check


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    try:
        homeroom.rest_api  # type: ignore[attr-defined]  # noqa: B018
    except AttributeError as error:
        assert "rest_api_source" in str(error)
    else:
        raise AssertionError("homeroom.rest_api should not exist")
