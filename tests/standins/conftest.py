"""Stand-ins for Moodle's web services and for OneRoster, as the real programs were seen to answer.

What was recorded (education.md, sections 1.3, 1.14, 1.15, 5d, 5e), and the test that holds the stand-in to it.
[R] was observed on the real program, [S] read in its source.

Moodle, tests of test_moodle_server.py:

- one URL for all functions [R]: `test_there_is_one_url`
- wstoken in the query or the form; a token in a header, and JSON bodies, are refused [R]:
  `test_the_token_stands_in_query_or_form`
- each function has an envelope of its own, or none [R]: `test_each_function_has_its_own_envelope`
- most functions answer with all there is [R]: `test_each_function_has_its_own_envelope`
- options[0][name]=limitfrom and limitnumber cut the enrolled users [R]: `test_enrolled_users_can_be_cut`
- core_course_search_courses pages and tells a total [R]: `test_courses_can_be_searched_page_by_page`
- since, in seconds, for submissions and updates [R]: `test_since_leaves_out_what_is_older`
- a deleted user vanishes from lists, and comes by id without a sign, renamed [R]:
  `test_a_deleted_user_vanishes_and_comes_by_id`
- errors are status 200, and XML without moodlewsrestformat [R]: `test_errors_have_status_200`
- missing rights are a 200 with an empty list and warnings [R]: `test_missing_rights_are_empty_lists_with_warnings`
- who may see nobody gets the own row and no warning [S]: `test_users_that_may_not_be_seen_are_left_out_in_silence`
- a search by e-mail leaves out who has none or does not show it [S]:
  `test_users_that_may_not_be_seen_are_left_out_in_silence`
- a faulty key of a search is ignored, with a warning [S]: `test_users_that_may_not_be_seen_are_left_out_in_silence`
- in separate groups nobody is enrolled for who is in none [S]: `test_separate_groups_are_empty_in_silence`
- times in seconds, 0 and null for none; HTML in texts; a grade is "76.00000" here and 76 there [R]:
  `test_values_are_as_odd_as_moodles`
- core_webservice_get_site_info lists the functions of the service [R]: `test_the_service_lists_its_functions`
- courseids[0], courseids[1] in one request; an answer for each [S]:
  `test_many_courses_and_assignments_go_into_one_request`
- no rate limit [R]; two workers [R]: `moodle_server.Moodle`
- 5,760 submissions, 1,600 users, the seconds they take: fewer here: 243 users, 15 courses, and no wait

OneRoster, tests of test_oneroster_server.py:

- a token with scope and educationOrganizationId [R]: `test_a_token_is_given_for_id_and_secret_in_a_basic_header`
- no organisation in the token: 200 and an empty list [S]: `test_no_organisation_is_an_empty_list`
- 401, 403, 404 and 400 carry imsx_codeMajor: failure [R]: `test_refusals_carry_the_status_of_the_standard`
- demographics need a scope of their own, which roster.readonly does not include [S]:
  `test_demographics_need_a_scope_of_their_own`
- limit is 100 by default, and 500 above 500, without a sign; no X-Total-Count, no Link [R]:
  `test_pages_are_cut_at_500_without_a_sign`
- a limit that is no whole number is a 400 [S]: `test_refusals_carry_the_status_of_the_standard`
- past the end: 200 and an empty list [R]: `test_pages_are_cut_at_500_without_a_sign`
- sorted by sourcedId, which are hashes [R]: `test_rows_leave_out_nulls_and_write_booleans_as_texts`
- an unknown field of a filter is a 400 that lists those that are known [R]:
  `test_refusals_carry_the_status_of_the_standard`
- dateLastModified>='…' works [R]: `test_a_filter_by_time_works`
- RateLimit-Policy 100;w=60, RateLimit-*, 429 in plain text with Retry-After [R]: `test_the_rate_is_told_and_held`
- nulls are left out, booleans are texts, status is always active, hrefs are relative [R]:
  `test_rows_leave_out_nulls_and_write_booleans_as_texts`
- deletes are absence alone, when the views are made anew [R]: `test_who_is_gone_is_absent`
- 1.1: signed by OAuth 1.0a, X-Total-Count: `test_version_1_1_is_signed_and_counts`
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import moodle_server
import oneroster_server
from moodle_server import Moodle
from oneroster_server import OneRoster


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's secrets but the stand-ins', nobody's folder."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        for name in [name for name in os.environ if re.match(r"(MOODLE|ONEROSTER)_", name)]:
            patch.delenv(name)
        settings = {
            "DLT_DATA_DIR": str(folder / "dlt"),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "HOMEROOM_HOME": str(folder / "home"),
            "COLUMNS": "200",
            "MOODLE_TOKEN": moodle_server.TOKEN,
            "ONEROSTER_CLIENT_SECRET": oneroster_server.SECRET,
            "ONEROSTER_SECRET": oneroster_server.SECRET,
        }
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def moodle() -> Iterator[Moodle]:
    with Moodle() as site:
        yield site


@pytest.fixture(scope="module")
def oneroster() -> Iterator[OneRoster]:
    with OneRoster() as service:
        yield service


@pytest.fixture(autouse=True)
def unhurried(request: pytest.FixtureRequest) -> None:
    """Each test has the service's whole minute."""
    if "oneroster" in request.fixturenames:
        request.getfixturevalue("oneroster").forget_requests()
