"""The stand-in for Moodle is no friendlier than Moodle. What each test stands for is listed in conftest.py."""

from __future__ import annotations

import moodle_server as school
from asking import ask, call
from moodle_server import TOKEN, Moodle


def test_there_is_one_url(moodle: Moodle) -> None:
    assert ask(f"{moodle.url}/webservice/rest/courses").status == 404


def test_the_token_stands_in_query_or_form(moodle: Moodle) -> None:
    url, info = f"{moodle.url}/webservice/rest/server.php", "wsfunction=core_webservice_get_site_info"
    form = f"wstoken={TOKEN}&moodlewsrestformat=json&{info}"
    assert ask(f"{url}?{form}").json["userid"] == school.READER
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask(url, kind, form).json["userid"] == school.READER
    in_header = ask(f"{url}?moodlewsrestformat=json&{info}", {"Authorization": f"Bearer {TOKEN}"})
    in_json = ask(
        f"{url}?moodlewsrestformat=json&{info}", {"Content-Type": "application/json"}, f'{{"wstoken":"{TOKEN}"}}'
    )
    assert (in_header.status, in_json.status) == (200, 200)
    assert in_header.json["errorcode"] == in_json.json["errorcode"] == "invalidtoken"


def test_each_function_has_its_own_envelope(moodle: Moodle) -> None:
    assert len(call(moodle, "core_course_get_courses")) == len(school.COURSES)
    users = call(moodle, "core_user_get_users", criteria=[{"key": "auth", "value": "manual"}])
    assert (set(users), len(users["users"])) == ({"users", "warnings"}, len(school.USERS))
    assert isinstance(call(moodle, "core_enrol_get_enrolled_users", courseid=2), list)
    assert isinstance(call(moodle, "core_group_get_course_groups", courseid=2), list)
    assigned = call(moodle, "mod_assign_get_assignments", courseids=[2], includenotenrolledcourses=1)
    assert [course["id"] for course in assigned["courses"]] == [2]
    handed_in = call(moodle, "mod_assign_get_submissions", assignmentids=[20])["assignments"]
    assert [(each["assignmentid"], len(each["submissions"])) for each in handed_in] == [(20, 12)]
    assert len(call(moodle, "gradereport_user_get_grade_items", courseid=2)["usergrades"]) == 12


def test_enrolled_users_can_be_cut(moodle: Moodle) -> None:
    options = [{"name": "limitfrom", "value": 10}, {"name": "limitnumber", "value": 5}]
    cut = call(moodle, "core_enrol_get_enrolled_users", courseid=2, options=options)
    assert [user["id"] for user in cut] == school.enrolled(2)[10:15]


def test_courses_can_be_searched_page_by_page(moodle: Moodle) -> None:
    found = call(moodle, "core_course_search_courses", criterianame="search", criteriavalue="", page=1, perpage=10)
    assert (found["total"], [course["id"] for course in found["courses"]]) == (14, [12, 13, 14, 15])


def test_since_leaves_out_what_is_older(moodle: Moodle) -> None:
    first, second = school.enrolled(2)[:2]
    since = school.T0 + second
    rows = call(moodle, "mod_assign_get_submissions", assignmentids=[20], since=since)["assignments"][0]["submissions"]
    assert [row["userid"] for row in rows] == school.enrolled(2)[1:]
    assert first not in [row["userid"] for row in rows]
    updates = call(moodle, "core_course_get_updates_since", courseid=2, since=school.T0 + 20)
    assert [each["id"] for each in updates["instances"]] == [121]


def test_a_deleted_user_vanishes_and_comes_by_id(moodle: Moodle) -> None:
    users = call(moodle, "core_user_get_users", criteria=[{"key": "anyone", "value": "1"}])["users"]
    assert school.DELETED not in [user["id"] for user in users]
    (row,) = call(moodle, "core_user_get_users_by_field", field="id", values=[school.DELETED])
    assert (row["username"], "deleted" in row) == ("user40@example.edu.1795000000", False)
    assert "@" not in row["email"]


def test_errors_have_status_200(moodle: Moodle) -> None:
    said = call(moodle, "core_course_get_categories")
    assert (said["exception"], said["errorcode"]) == ("dml_missing_record_exception", "invalidrecord")
    with moodle.without("core_user_get_users"):
        said = call(moodle, "core_user_get_users", criteria=[])
    assert (said["exception"], said["errorcode"]) == ("webservice_access_exception", "accessexception")
    heard = ask(f"{moodle.url}/webservice/rest/server.php?wstoken=other&wsfunction=core_course_get_courses")
    assert (heard.status, heard.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    assert "<ERRORCODE>invalidtoken</ERRORCODE>" in heard.text


def test_missing_rights_are_empty_lists_with_warnings(moodle: Moodle) -> None:
    unenrolled = call(moodle, "mod_assign_get_assignments", courseids=[2])
    assert (unenrolled["courses"], unenrolled["warnings"][0]["warningcode"]) == ([], "2")
    with moodle.without("moodle/course:view", "mod/assign:grade"):
        shut = call(moodle, "mod_assign_get_assignments", courseids=[2], includenotenrolledcourses=1)
        ungraded = call(moodle, "mod_assign_get_submissions", assignmentids=[20])
    assert (shut["courses"], shut["warnings"][0]["warningcode"]) == ([], "1")
    assert (ungraded["assignments"], ungraded["warnings"][0]["warningcode"]) == ([], "1")
    with moodle.without("mod/assign:view"):
        unseen = call(moodle, "mod_assign_get_assignments", courseids=[2], includenotenrolledcourses=1)
    assert (unseen["courses"][0]["assignments"], len(unseen["warnings"])) == ([], 2)


def test_users_that_may_not_be_seen_are_left_out_in_silence(moodle: Moodle) -> None:
    def listed(key: str) -> list[int]:
        answer = call(moodle, "core_user_get_users", criteria=[{"key": key, "value": "%"}])
        assert [each["warningcode"] for each in answer["warnings"]] == ["invalidfieldparameter"] * (key != "email")
        return [user["id"] for user in answer["users"]]

    assert listed("anyone") == school.USERS
    assert listed("email") == [user for user in school.USERS if user != school.NAMELESS]
    with moodle.without("moodle/site:viewuseridentity"):
        assert school.HIDDEN not in listed("email")
        assert listed("anyone") == school.USERS
    with moodle.without("moodle/user:viewdetails"):
        assert listed("anyone") == listed("email") == [school.READER]


def test_separate_groups_are_empty_in_silence(moodle: Moodle) -> None:
    assert len(call(moodle, "core_enrol_get_enrolled_users", courseid=school.SEPARATE)) == 12
    with moodle.without("moodle/site:accessallgroups"):
        assert call(moodle, "core_enrol_get_enrolled_users", courseid=school.SEPARATE) == []


def test_values_are_as_odd_as_moodles(moodle: Moodle) -> None:
    course = call(moodle, "core_course_get_courses")[1]
    assert (course["startdate"], course["enddate"]) == (school.T0, 0)
    assert "<p>" in course["summary"]
    row = call(moodle, "mod_assign_get_submissions", assignmentids=[20])["assignments"][0]["submissions"][0]
    assert (row["timecreated"], row["timestarted"]) == (school.T0, None)
    marks = call(moodle, "mod_assign_get_grades", assignmentids=[20])["assignments"][0]["grades"]
    items = call(moodle, "gradereport_user_get_grade_items", courseid=2)["usergrades"][0]["gradeitems"]
    assert (marks[0]["grade"], items[0]["graderaw"]) == ("76.00000", 76)


def test_the_service_lists_its_functions(moodle: Moodle) -> None:
    with moodle.without("mod_assign_get_grades"):
        listed = {each["name"] for each in call(moodle, "core_webservice_get_site_info")["functions"]}
    assert listed == set(school.FUNCTIONS) - {"mod_assign_get_grades"}


def test_many_courses_and_assignments_go_into_one_request(moodle: Moodle) -> None:
    assigned = call(moodle, "mod_assign_get_assignments", courseids=[4, 2, school.BARE], includenotenrolledcourses=1)
    found = {course["id"]: [each["id"] for each in course["assignments"]] for course in assigned["courses"]}
    assert found == {4: [40, 41], 2: [20, 21], school.BARE: []}
    answer = call(moodle, "mod_assign_get_submissions", assignmentids=[20, 31, 40])
    assert [each["assignmentid"] for each in answer["assignments"]] == [20, 31, 40]
    assert [each["warningcode"] for each in answer["warnings"]] == ["3"]
