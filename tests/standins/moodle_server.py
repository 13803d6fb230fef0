"""Moodle's web services as 4.4dev (weekly of 2023-11-24) answered them; where that was not asked, as its source says.

One site, 14 courses (one empty, one without assignments), 243 users and one who was deleted. `rights` and `functions`
are those of the token's user and of its service; take some out to see what Moodle makes of it. Sources: the record of
that run (education.md, 1.3 and 5e), enrol/externallib.php at 00e93a993, user/externallib.php at 006fac90a,
user/lib.php at 0030a24f5, mod/assign/externallib.php at 00e928271, grade/report/user/classes/external/user.php at
10de32939, all read on 2026-11-23.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from loopback import Asked, Says, StandIn

TOKEN = "0f3a9c-r1ght-t0ken-0f-the-service"
SITE, NOBODYS, BARE = 1, 14, 5
"""The site itself; a course without people; a course without assignments."""
GUEST, ADMIN, READER, DELETED = 1, 2, 3, 40
HIDDEN, NAMELESS = 50, 51
"""A user who shows their address to nobody, and one who has none."""
T0 = 1_795_000_000

FUNCTIONS = (
    "core_course_get_courses",
    "core_course_get_updates_since",
    "core_course_search_courses",
    "core_enrol_get_enrolled_users",
    "core_group_get_course_groups",
    "core_user_get_users",
    "core_user_get_users_by_field",
    "core_webservice_get_site_info",
    "gradereport_user_get_grade_items",
    "mod_assign_get_assignments",
    "mod_assign_get_grades",
    "mod_assign_get_submissions",
)
RIGHTS = frozenset(
    {
        *("webservice/rest:use", "moodle/course:view", "moodle/course:viewhiddencourses", "moodle/course:update"),
        *("moodle/course:viewparticipants", "moodle/site:accessallgroups", "moodle/course:managegroups"),
        *("moodle/user:viewdetails", "moodle/user:viewalldetails", "moodle/site:viewuseridentity"),
        *("mod/assign:view", "mod/assign:grade", "gradereport/user:view", "moodle/grade:viewall"),
    }
)
SEPARATE = 7
"""A course in separate groups."""

USERS = [number for number in range(1, 245) if number != DELETED]
COURSES = list(range(1, 16))
STUDENTS = {
    course: [] if course in (SITE, NOBODYS) else [4 + (course * 7 + k * 5) % 36 + 41 * (k % 2) for k in range(12)]
    for course in COURSES
}
ASSIGNMENTS = {course: [] if course in (SITE, BARE) else [course * 10, course * 10 + 1] for course in COURSES}
COURSE_OF = {assignment: course for course, listed in ASSIGNMENTS.items() for assignment in listed}

Arguments = Mapping[str, Any]


class RefusedError(Exception):
    """An exception of Moodle's, which goes out with status 200."""

    def __init__(self, exception: str, errorcode: str, message: str) -> None:
        super().__init__(errorcode)
        self.told = {"exception": exception, "errorcode": errorcode, "message": message}


def no_permission(what: str) -> RefusedError:
    said = f"Sorry, but you do not currently have permissions to do that ({what})."
    return RefusedError("required_capability_exception", "nopermissions", said)


def missing(key: str) -> RefusedError:
    said = "Invalid parameter value detected"
    return RefusedError("invalid_parameter_exception", "invalidparameter", f"{said} (Missing required key: {key})")


def enrolled(course: int) -> list[int]:
    """Of the site all users but the guest, whatever they are enrolled in."""
    return [user for user in USERS if user != GUEST] if course == SITE else sorted(STUDENTS[course])


class Moodle(StandIn):
    """The site. `asked` are the functions that were called, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.rights: frozenset[str] = RIGHTS
        self.functions: frozenset[str] = frozenset(FUNCTIONS)
        self.asked: list[str] = []
        self._workers = threading.Semaphore(2)  # PHP's own server, with two of them

    @contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """The site while these rights, or functions of the service, are not granted."""
        before = self.rights, self.functions
        self.rights, self.functions = self.rights.difference(names), self.functions.difference(names)
        try:
            yield
        finally:
            self.rights, self.functions = before

    @property
    def values(self) -> dict[str, str]:
        """What `homeroom init moodle` is told."""
        return {"MOODLE_URL": self.url}

    def counts(self) -> dict[str, int]:
        """How many rows each resource of the catalogue's config has here."""
        submissions = sum(len(self._handed_in(assignment)) for assignment in COURSE_OF)
        return {
            "courses": len(COURSES),
            "users": len(USERS),
            "enrolled_users": sum(len(enrolled(course)) for course in COURSES),
            "groups": sum(len(self._groups(course)) for course in COURSES),
            "assignments": len(COURSE_OF),
            "submissions": submissions,
            "grades": sum(len(enrolled(course)) for course in COURSES if course != SITE),
        }

    def answer(self, asked: Asked) -> Says:
        if asked.path != "/webservice/rest/server.php":
            return Says("<!DOCTYPE html><html><title>404 Not Found</title></html>", 404)
        form = asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        sent = {**asked.query, **(dict(parse_qsl(asked.body)) if form else {})}
        with self._workers:
            try:
                body = self._called(sent)
            except RefusedError as refused:
                body = refused.told
        return Says(body) if sent.get("moodlewsrestformat") == "json" else _as_xml(body)

    def _called(self, sent: Mapping[str, str]) -> Any:
        if sent.get("wstoken") != TOKEN:
            raise RefusedError("moodle_exception", "invalidtoken", "Invalid token - token not found")
        function = sent.get("wsfunction", "")
        self.asked.append(function)
        if function not in FUNCTIONS:
            said = "Can't find data record in database table external_functions."
            raise RefusedError("dml_missing_record_exception", "invalidrecord", said)
        if "webservice/rest:use" not in self.rights or function not in self.functions:
            raise RefusedError("webservice_access_exception", "accessexception", "Access control exception")
        answer: Callable[[Arguments], Any] = getattr(self, f"_{function}")
        return answer(_arguments(sent))

    # Site and courses.

    def _core_webservice_get_site_info(self, _: Arguments) -> Any:
        listed = [{"name": name, "version": "2023112400"} for name in FUNCTIONS if name in self.functions]
        return {"sitename": "Test site", "userid": READER, "release": "4.4dev", "functions": listed}

    def _core_course_get_courses(self, _: Arguments) -> Any:
        self._enter(SITE)
        self._enter(COURSES[1])
        return [self._course(course) for course in COURSES]

    def _core_course_search_courses(self, given: Arguments) -> Any:
        page, size = int(given.get("page", 0)), int(given.get("perpage", 0))
        found = [course for course in COURSES if course != SITE]
        shown = found[page * size : page * size + size] if size else found
        return {"total": len(found), "courses": [self._course(course) for course in shown], "warnings": []}

    def _core_course_get_updates_since(self, given: Arguments) -> Any:
        since = int(given["since"])
        changed = [a for a in ASSIGNMENTS[int(given["courseid"])] if T0 + a > since]
        return {"instances": [{"contextlevel": "module", "id": 100 + a} for a in changed], "warnings": []}

    def _course(self, course: int) -> dict[str, Any]:
        return {
            "id": course,
            "shortname": f"C{course}",
            "fullname": f"Course {course} &amp; more",
            "categoryid": 0 if course == SITE else 1,
            "summary": f"<p>Of <b>course {course}</b>, ünïcode</p>",
            "format": "site" if course == SITE else "topics",
            "startdate": T0,
            "enddate": 0,
            "visible": 1,
        }

    def _enter(self, course: int) -> None:
        """The context of a course; the site's is everybody's."""
        if course != SITE and "moodle/course:view" not in self.rights:
            said = f"You cannot execute functions in the course context (course id:{course})."
            why = "The context error message was: Course or activity not accessible. (Not enrolled)"
            raise RefusedError("moodle_exception", "errorcoursecontextnotvalid", f"{said} {why}")

    # People.

    def _core_user_get_users(self, given: Arguments) -> Any:
        criteria = given.get("criteria")
        if not isinstance(criteria, list):
            raise missing("criteria")
        warnings, wanted = [], []
        for criterion in criteria:
            if criterion["key"] in ("id", "lastname", "firstname", "idnumber", "username", "email", "auth"):
                wanted.append(criterion["key"])
            else:
                said = f"The search key '{criterion['key']}' is not supported, look at the web service documentation"
                warnings.append({"item": criterion["key"], "warningcode": "invalidfieldparameter", "message": said})
        # Nobody is told that a row was left out for want of a right.
        seen = [self._person(user) for user in USERS if user == READER or "moodle/user:viewdetails" in self.rights]
        return {"users": [row for row in seen if all(row.get(key) for key in wanted)], "warnings": warnings}

    def _core_user_get_users_by_field(self, given: Arguments) -> Any:
        found = []
        for value in given.get("values", []):
            if int(value) == DELETED:
                # As if it were there: no flag, another name, a hash for an address.
                name = "user40@example.edu.1795000000"
                row = {
                    "id": DELETED,
                    "username": name,
                    "fullname": "User 40",
                    "email": "d4c74594d841139328695756648b6bd6",
                }
                found.append(row)
            elif int(value) in USERS:
                found.append(self._person(int(value)))
        return found

    def _person(self, user: int) -> dict[str, Any]:
        seen = T0 if user % 3 else 0
        row: dict[str, Any] = {"id": user, "fullname": f"Zoë {user}", "firstaccess": seen, "lastaccess": seen}
        if user == READER or "moodle/user:viewalldetails" in self.rights:
            row |= {"username": f"user{user}", "auth": "manual", "confirmed": True, "lang": "en"}
        if user != NAMELESS and (user in (READER, ADMIN) or self._shows_address(user)):
            row["email"] = f"user{user}@example.edu"
        return row | {
            "suspended": False,
            "customfields": [{"type": "text", "value": "7b", "name": "Class", "shortname": "class"}],
        }

    def _shows_address(self, user: int) -> bool:
        return "moodle/site:viewuseridentity" in self.rights or (user != HIDDEN and user % 2 == 0)

    def _core_enrol_get_enrolled_users(self, given: Arguments) -> Any:
        course = int(given["courseid"])
        self._enter(course)
        if "moodle/course:viewparticipants" not in self.rights:
            raise no_permission("View participants")
        if course == SEPARATE and "moodle/site:accessallgroups" not in self.rights:
            return []  # in no group, so nobody is to be seen; not a word of it
        options = {each["name"]: each["value"] for each in given.get("options", [])}
        start, number = int(options.get("limitfrom", 0)), int(options.get("limitnumber", 0))
        found = enrolled(course)[start : start + number if number else None]
        roles = [] if course == SITE else [{"roleid": 5, "name": "", "shortname": "student", "sortorder": 0}]
        groups = [
            {"id": each["id"], "name": each["name"], "description": "", "descriptionformat": 1}
            for each in self._groups(course)
        ]
        beside = {"roles": roles, "groups": groups[:1], "lastcourseaccess": 0}
        hidden = ("auth", "confirmed", "lang", "suspended")
        return [{k: v for k, v in self._person(user).items() if k not in hidden} | beside for user in found]

    def _groups(self, course: int) -> list[dict[str, Any]]:
        names = [] if course in (SITE, NOBODYS) else ["Red", "Blue"]
        return [
            {"id": course * 100 + k, "courseid": course, "name": name, "description": "<p></p>", "idnumber": ""}
            for k, name in enumerate(names)
        ]

    def _core_group_get_course_groups(self, given: Arguments) -> Any:
        self._enter(int(given["courseid"]))
        if "moodle/course:managegroups" not in self.rights:
            raise no_permission("Manage groups")
        return self._groups(int(given["courseid"]))

    # Assignments, what was handed in, grades.

    def _mod_assign_get_assignments(self, given: Arguments) -> Any:
        courses, warnings = [], []
        for course in map(int, given.get("courseids", [])):
            if given.get("includenotenrolledcourses") not in ("1", "true"):
                warnings.append(
                    _warning("course", course, "2", "User is not enrolled or does not have requested capability")
                )
                continue
            try:
                self._enter(course)
            except RefusedError as refused:
                said = f"No access rights in course context {refused.told['message']}"
                warnings.append(_warning("course", course, "1", said))
                continue
            listed = []
            for assignment in ASSIGNMENTS[course]:
                if "mod/assign:view" in self.rights:
                    listed.append(self._assignment(course, assignment))
                else:
                    warnings.append(_warning("module", 100 + assignment, "1", "No access rights in module context"))
            name = f"C{course}"
            courses.append(
                {"id": course, "fullname": name, "shortname": name, "timemodified": T0, "assignments": listed}
            )
        return {"courses": courses, "warnings": warnings}

    def _assignment(self, course: int, assignment: int) -> dict[str, Any]:
        due = T0 + 86_400 if assignment % 2 else 0
        return {
            "id": assignment,
            "cmid": 100 + assignment,
            "course": course,
            "name": f"Essay {assignment}",
            "duedate": due,
            "grade": 100,
            "timemodified": T0 + assignment,
            "configs": [{"plugin": "file", "subtype": "assignsubmission", "name": "enabled", "value": "1"}],
            "intro": "<p>Write.</p>",
        }

    def _handed_in(self, assignment: int) -> list[int]:
        """Nothing of those that end in 1 in every third course."""
        course = COURSE_OF[assignment]
        return [] if assignment % 10 and course % 3 == 0 else enrolled(course)

    def _mod_assign_get_submissions(self, given: Arguments) -> Any:
        found, warnings = [], []
        since = int(given.get("since", 0))
        for assignment in self._gradable(given, warnings):
            rows = [self._submission(assignment, user) for user in self._handed_in(assignment)]
            rows = [row for row in rows if row["timemodified"] >= since]
            if not rows:
                warnings.append(_warning("module", assignment, "3", "No submissions found"))
            found.append({"assignmentid": assignment, "submissions": rows})
        return {"assignments": found, "warnings": warnings}

    def _gradable(self, given: Arguments, warnings: list[dict[str, Any]]) -> Iterator[int]:
        if "assignmentids" not in given:
            raise missing("assignmentids")
        for assignment in map(int, given["assignmentids"]):
            if "mod/assign:grade" in self.rights and assignment in COURSE_OF:
                yield assignment
            else:
                said = "No access rights in module context"
                warnings.append(_warning("assignment", assignment, "1", said))

    def _submission(self, assignment: int, user: int) -> dict[str, Any]:
        return {
            "id": assignment * 1000 + user,
            "userid": user,
            "attemptnumber": 0,
            "timecreated": T0,
            "timemodified": T0 + user,
            "timestarted": None,
            "status": "submitted",
            "groupid": 0,
            "plugins": [
                {"type": "onlinetext", "name": "Online text", "fileareas": [{"area": "submissions_onlinetext"}]}
            ],
            "gradingstatus": "graded",
        }

    def _mod_assign_get_grades(self, given: Arguments) -> Any:
        found, warnings = [], []
        for assignment in self._gradable(given, warnings):
            rows = [
                {
                    "id": assignment * 1000 + user,
                    "userid": user,
                    "attemptnumber": 0,
                    "grader": ADMIN,
                    "grade": "76.00000",
                }
                for user in self._handed_in(assignment)
            ]
            found.append({"assignmentid": assignment, "grades": rows})
        return {"assignments": found, "warnings": warnings}

    def _gradereport_user_get_grade_items(self, given: Arguments) -> Any:
        course = int(given["courseid"])
        self._enter(course)
        if "gradereport/user:view" not in self.rights:
            raise no_permission("View user grade report")
        if "moodle/grade:viewall" not in self.rights:
            said = "You do not have permission to view grades"
            raise RefusedError("moodle_exception", "nopermissiontoviewgrades", said)
        rows = [
            {
                "courseid": course,
                "userid": user,
                "userfullname": f"Zoë {user}",
                "maxdepth": 2,
                "gradeitems": self._grade_items(course, user),
            }
            for user in (enrolled(course) if course != SITE else [])
        ]
        return {"usergrades": rows, "warnings": []}

    def _grade_items(self, course: int, user: int) -> list[dict[str, Any]]:
        """One for each assignment, and the course's total. Without a grade there is a dash."""
        total = {"id": course, "itemname": None, "itemtype": "course", "itemmodule": None, "iteminstance": course * 7}
        found = [
            {
                "id": 1000 + assignment,
                "itemname": f"Essay {assignment}",
                "itemtype": "mod",
                "itemmodule": "assign",
                "iteminstance": assignment,
                "cmid": 100 + assignment,
                **_mark(user in self._handed_in(assignment), T0 + assignment),
            }
            for assignment in ASSIGNMENTS[course]
        ]
        return [*found, total | _mark(bool(found), None)]


def _mark(graded: bool, at: int | None) -> dict[str, Any]:
    said = {"graderaw": 76, "gradeformatted": "76.00"} if graded else {"graderaw": None, "gradeformatted": "-"}
    there = {"gradedategraded": at if graded else None, "grademin": 0, "grademax": 100, "feedback": ""}
    return {"itemnumber": 0, "scaleid": None, "outcomeid": None, "gradeishidden": False} | said | there


def _warning(item: str, itemid: int, code: str, message: str) -> dict[str, Any]:
    return {"item": item, "itemid": itemid, "warningcode": code, "message": message}


def _as_xml(body: Any) -> Says:
    if isinstance(body, dict) and "exception" in body:
        inner = f"<ERRORCODE>{body['errorcode']}</ERRORCODE>\n<MESSAGE>{body['message']}</MESSAGE>\n"
        text = (
            f'<?xml version="1.0" encoding="UTF-8" ?>\n<EXCEPTION class="{body["exception"]}">\n{inner}</EXCEPTION>\n'
        )
    else:
        text = '<?xml version="1.0" encoding="UTF-8" ?>\n<RESPONSE>\n</RESPONSE>\n'
    return Says(text, headers={"Content-Type": "application/xml; charset=utf-8"})


def _arguments(sent: Mapping[str, str]) -> dict[str, Any]:
    """Parameters as PHP reads them: `courseids[0]=2` makes a list, `options[0][name]=x` a list of objects."""
    tree: dict[str, Any] = {}
    for name, value in sent.items():
        head, *keys = re.findall(r"[^\[\]]+", name)
        inner = tree
        for key in [head, *keys][:-1]:
            inner = inner.setdefault(key, {})
        inner[[head, *keys][-1]] = value
    return {key: _listed(value) for key, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(item) for key, item in value.items()}
    return [inner[key] for key in sorted(inner, key=int)] if all(key.isdigit() for key in inner) else inner
