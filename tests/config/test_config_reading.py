"""Files that cannot be read at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.config import load_config
from homeroom.errors import ConfigError


def _error(reference: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(reference, environ={}, read_secret=lambda _: None)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_missing_file_offers_the_one_with_a_similar_name():
    Path("school.yaml").write_text("a: 1")
    assert _error("scool.yaml") == (
        "scool.yaml: there is no such file; allowed: a file ending in .yaml, .yml, .toml or .json, or "
        "module:attribute; did you mean school.yaml?"
    )


def test_a_missing_file_with_another_suffix_offers_that_one():
    Path("school.toml").write_text("a = 1")
    assert _error("school.yaml").endswith("did you mean school.toml?")


def test_a_missing_folder_is_named():
    assert _error("conf/school.yaml").endswith("there is no directory conf either")


def test_a_directory_is_no_config():
    Path("conf").mkdir()
    Path("conf/school.yaml").write_text("a: 1")
    assert _error("conf").startswith("conf: this is a directory; allowed: a file ending in")
    assert _error("conf").endswith("did you mean conf/school.yaml?")


def test_an_unknown_suffix_names_the_known_ones():
    Path("school.ini").write_text("a=1")
    assert _error("school.ini").startswith("school.ini: a config cannot be read from `.ini`; allowed: a file")


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_file_says_so(text):
    Path("school.yaml").write_text(text)
    assert _error("school.yaml").startswith("school.yaml:1: the file is empty")


def test_a_file_that_is_not_text_says_which_byte():
    Path("school.yaml").write_bytes(b"name: caf\xe9")
    assert _error("school.yaml") == "school.yaml: the file is not UTF-8 text (byte 9); save it as UTF-8"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "a.yaml",
            "a: 1\nb: [1\n",
            "a.yaml:3: not valid YAML: expected ',' or ']', but got '<stream end>'; look from line 2 on, where "
            "this part begins",
        ),
        (
            "a.yaml",
            "a:\n\tb: 1\n",
            "a.yaml:2: not valid YAML: found character '\\t' that cannot start any token; YAML is indented "
            "with spaces, not tabs",
        ),
        ("a.json", '{"a": 1,\n "b": }', "a.json:2: not valid JSON: Expecting value, column 7"),
        ("a.json", '{"a": NaN}', "a.json: not valid JSON: NaN is not a JSON number"),
        ("a.toml", "a = 1\nb = c\n", "a.toml:2: not valid TOML: Invalid value; text must stand in quotes, a URL too"),
        ("a.toml", "a = 1\na = 2\n", "a.toml:2: not valid TOML: Cannot overwrite a value"),
    ],
)
def test_bad_syntax_is_told_with_its_line(file, text, message):
    Path(file).write_text(text)
    assert _error(file) == message


@pytest.mark.parametrize(("text", "kind"), [("- a\n- b\n", "a list"), ("hello", "text"), ("# nothing\n", "nothing")])
def test_a_file_that_is_no_mapping_says_what_it_is(text, kind):
    Path("a.yaml").write_text(text)
    assert _error("a.yaml") == (
        f"a.yaml:1: a config is a mapping of keys, this is {kind}; begin with `source:`, or with `client:` "
        "for a bare dlt config"
    )


def test_yaml_that_holds_itself_is_refused():
    Path("a.yaml").write_text("a: &x\n  b: *x\n")
    assert "holds itself" in _error("a.yaml")


def test_yaml_that_aliases_blow_up_is_refused():
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    Path("a.yaml").write_text("\n".join(lines))
    assert "aliases make it more than 200000 parts" in _error("a.yaml")


def test_a_missing_module_is_named():
    assert _error("no_such_module:config").startswith(
        "no_such_module:config: there is no module `no_such_module`; allowed: a file"
    )


def test_a_missing_attribute_is_named():
    Path("half_config.py").write_text("a = 1")
    assert _error("half_config:b").startswith("half_config:b: `half_config` has no `b`")


def test_a_module_that_fails_says_how():
    Path("broken_config.py").write_text("1 / 0")
    assert _error("broken_config:b") == (
        "broken_config:b: importing it failed with ZeroDivisionError (broken_config.py, line 1)"
    )


def test_a_module_that_is_no_python_says_where():
    Path("bad_config.py").write_text("a = (\n")
    assert _error("bad_config:a") == (
        "bad_config:a: importing it failed with SyntaxError: '(' was never closed (bad_config.py, line 1)"
    )


def test_a_module_that_imports_what_is_missing_names_that():
    Path("needy_config.py").write_text("import nothere.at_all")
    assert _error("needy_config:b") == (
        "needy_config:b: `needy_config` imports `nothere`, which is not there; install nothere, or mend the import"
    )


def test_a_callable_that_fails_was_called_and_its_words_are_not_told():
    Path("boom_config.py").write_text("def boom():\n    raise ValueError('the key is s3cret')\n")
    assert _error("boom_config:boom") == "boom_config:boom: calling it failed with ValueError (boom_config.py, line 2)"


@pytest.mark.parametrize("file", ["a.yaml", "a.json"])
def test_a_key_that_stands_twice_is_a_problem(file):
    Path(file).write_text(
        '{"source": {"client": {"base_url": "https://x.org"}, "resources": ["a"]},\n"name": "a",\n"name": "b"}'
    )
    assert _error(file) == (f"{file}:2: name: the key stands twice in one mapping, again on line 3; remove one of them")
