import pytest
from figures import AGAIN, EMPTY_WARM, HELP, Measurement, medians, ratio_table, run_table, target_table, targets
from kinds import KINDS, OURS, PRIVATE, WORDS, Outcome


def measured(
    workload: str, kind: str, seconds: float, *, number: int = 0, peak_mb: float = 100.0, objects: int = 0
) -> Measurement:
    """A run of 1,000 rows."""
    pages = {"columns": 10 - objects, "objects": objects}
    outcome = Outcome(seconds, seconds, peak_mb, {"all": seconds}, {"rows": 1000}, pages=pages)
    return Measurement(workload, kind, number, outcome)


def judged(*measurements: Measurement) -> dict[str, bool]:
    return {each.what: each.met for each in targets(medians(measurements))}


def test_the_middle_of_three_rounds_is_shown_with_the_fastest_and_the_slowest() -> None:
    rounds = [measured("main", "ours", seconds, number=at) for at, seconds in enumerate((9.0, 4.0, 5.0))]
    median = medians(rounds)["main", "ours"]
    assert median.timed() == "5.00 (4.00–9.00)"
    assert median.stages == {"all": 5.0}


def test_a_kind_that_ran_once_says_so() -> None:
    assert medians([measured("main", "dlt", 180.0)])["main", "dlt"].timed() == "180.00 (1 run)"


@pytest.mark.parametrize(("parquet_s", "met"), [(8.0, True), (7.9, False)])
def test_ours_must_be_eight_times_sooner_than_parquet(parquet_s: float, met: bool) -> None:
    found = judged(measured("main", "ours", 1.0), measured("main", "parquet", parquet_s))
    assert found == {"main: parquet to ours": met}


@pytest.mark.parametrize(("ours_s", "met"), [(1.6, True), (1.7, False)])
def test_ours_may_take_1_6_times_the_floor(ours_s: float, met: bool) -> None:
    assert judged(measured("main", "ours", ours_s), measured("main", "floor", 1.0)) == {"main: ours to floor": met}


@pytest.mark.parametrize(("peak_mb", "met"), [(120.0, True), (121.0, False)])
def test_a_million_rows_may_take_a_fifth_more_memory(peak_mb: float, met: bool) -> None:
    found = judged(measured("main", "sync", 1.0), measured("million", "sync", 5.0, peak_mb=peak_mb))
    assert found == {"sync: peak memory, million to main": met}


@pytest.mark.parametrize(("scale", "word"), [(1.0, "MISSED"), (0.02, "")])
def test_targets_of_workloads_are_judged_at_full_size_only(scale: float, word: str) -> None:
    found = targets(medians([measured("main", "ours", 2.0), measured("main", "floor", 1.0)]))
    last = target_table(found, scale).splitlines()[-1]
    assert last.split("|")[-2].strip() == word


def test_the_memory_of_a_second_run_is_not_compared() -> None:
    assert judged(measured("main" + AGAIN, "sync", 1.0), measured("million", "sync", 5.0)) == {}


def test_the_short_lines_have_targets_too() -> None:
    found = judged(measured(EMPTY_WARM, "sync", 1.4), measured(EMPTY_WARM, "dlt", 1.0), measured(HELP, "homeroom", 0.3))
    assert found == {f"{EMPTY_WARM}: sync to a bare dlt run": False, "`homeroom --help`": True}


def test_a_second_run_stands_beside_the_first_of_its_kinds_not_between_them() -> None:
    kinds = ("ours", "floor")
    found = medians([measured(name, kind, 1.0) for kind in kinds for name in ("main", "main" + AGAIN)])
    assert list(found) == [(name, kind) for name in ("main", "main" + AGAIN) for kind in kinds]


def test_pages_that_did_not_go_as_columns_are_told() -> None:
    shown = run_table(medians([measured("main", "ours", 1.0, objects=3)]))
    assert "3 pages as objects" in shown


def test_ratios_are_shown_only_of_what_was_measured() -> None:
    shown = ratio_table(medians([measured("flat", "ours", 2.0), measured("flat", "floor", 1.0)]))
    assert shown.splitlines()[0].split("|")[1:-1] == [" workload ", " ours to floor "]
    assert "2.00 x" in shown


def test_every_kind_is_explained_and_ours_are_those_of_homeroom() -> None:
    assert set(WORDS) == set(KINDS)
    assert set(KINDS) - set(OURS) - set(PRIVATE) == {"dlt", "parquet", "floor"}
