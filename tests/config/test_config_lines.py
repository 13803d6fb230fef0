"""The line of every problem, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.config.document import read_document
from homeroom.config.toml_lines import toml_lines

YAML = """\
source:
  client:
    base_url: https://x.org
  resources:
    - users
    - name: courses
      endpoint:
        paginator:
          type: offset
          limit: many
"""
JSON = """\
{"source": {
\t"client": {"base_url": "https://x.org"},
\t"resources": [
\t\t"users",
\t\t{"name": "courses", "endpoint": {"paginator": {
\t\t\t"type": "offset",
\t\t\t"limit": "many"}}}
]}}
"""
TOML = """\
# a school
[source.client]
base_url = "https://x.org"

[[source.resources]]
name = "users"
[[source.resources]]
name = '''
courses'''
[source.resources.endpoint]
paginator = {type = "offset", limit = "many"}
"""
MESSAGE = 'source.resources[1].endpoint.paginator.limit: must be a whole number; got "many"'


@pytest.mark.parametrize(("file", "text", "line"), [("a.yaml", YAML, 10), ("a.json", JSON, 7), ("a.toml", TOML, 11)])
def test_a_wrong_value_is_told_with_its_line(problems, file, text, line):
    assert problems(text, file) == [f"{file}:{line}: {MESSAGE}"]


@pytest.mark.parametrize(("file", "text"), [("a.yaml", YAML), ("a.json", JSON), ("a.toml", TOML)])
def test_a_path_that_is_not_there_has_the_line_of_what_is_around_it(tmp_path, file, text):
    document_file = tmp_path / file
    document_file.write_text(text)
    document = read_document(str(document_file))
    around = document.locate(("source", "resources", 0))
    assert document.locate(("source", "resources", 0, "endpoint", "path")) == around is not None


def test_problems_come_in_the_order_of_the_lines(problems):
    text = "nam: x\nsource:\n  resources: [{}]\n  clint: {}\nsync: {concurrency: 0}\n"
    assert [line.split(": ")[0:2] for line in problems(text)] == [
        ["school.yaml:1", "nam"],
        ["school.yaml:2", "source"],
        ["school.yaml:3", "source.resources[0]"],
        ["school.yaml:4", "source.clint"],
        ["school.yaml:5", "sync.concurrency"],
    ]


def test_the_lines_of_keys_that_come_from_a_yaml_merge_are_those_of_the_anchor(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("base: &b\n  x: 1\nother:\n  <<: *b\n  y: 2\n")
    document = read_document(str(file))
    assert document.locate(("other", "x")) == 2
    assert document.content["other"] == {"x": 1, "y": 2}


def test_toml_arrays_over_many_lines_have_a_line_for_each_item():
    text = 'a = [\n  "x", # one ]\n  {k = "}", l = [1,\n 2]},\n]\n"b.c".d = 1\n'
    lines = toml_lines(text)
    assert (lines[("a", 0)], lines[("a", 1, "k")], lines[("a", 1, "l", 1)]) == (2, 3, 4)
    assert lines[("b.c", "d")] == 6


def test_a_python_config_has_no_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("lineless_config.py").write_text("c = {'a': 1}")
    assert read_document("lineless_config:c").locate(("a",)) is None
