"""`${NAME}`, `${secret:path}`, and that no secret is ever told."""

from __future__ import annotations

from pathlib import Path

import dlt
import pytest

from homeroom.errors import ConfigError

HEAD = "source: {client: {base_url: https://x.org}, resources: [a]}\n"


def test_a_variable_is_put_into_the_text_around_it(load):
    config = load(HEAD + 'destination: "postgres://me:${PW}@db/${DB}"', environ={"PW": "s3cret!", "DB": "edu"})
    assert config.destination == "postgres://me:s3cret!@db/edu"
    assert config.secrets >= {"s3cret!", "edu"}


def test_a_secret_is_read_from_dlt(load):
    config = load(HEAD + 'destination: "${secret:sources.school.url}"', secrets={"sources.school.url": "duckdb"})
    assert config.destination == "duckdb"


def test_two_dollars_make_a_literal_placeholder(load):
    assert load(HEAD + 'dataset: "$${NAME}"').dataset == "${NAME}"


def test_a_number_from_the_environment_stays_text(problems):
    text = "client: {base_url: https://x.org}\nresources:\n- name: a\n  max_table_nesting: ${DEPTH}\n"
    assert problems(text, environ={"DEPTH": "31337"}) == [
        'school.yaml:4: resources[0].max_table_nesting: must be a whole number; got "***"; '
        "write the number without quotes"
    ]


def test_a_variable_that_is_not_set_says_how_to_set_it(problems):
    assert problems(HEAD + "destination: ${DEST}") == [
        "school.yaml:2: destination: the environment variable `DEST` is not set; set it with: export DEST=..."
    ]


def test_a_variable_in_another_case_is_pointed_out(problems):
    (problem,) = problems(HEAD + "destination: ${dest}", environ={"DEST": "duckdb"})
    assert problem.endswith("`DEST` is set, case counts")


def test_a_missing_secret_says_where_it_was_looked_for(problems):
    everywhere = Path(dlt.current.run_context().global_dir, "secrets.toml")  # for root another than ~/.dlt
    assert problems(HEAD + "destination: ${secret:school.key}") == [
        "school.yaml:2: destination: the secret `school.key` was not found; looked in the environment "
        f"variable SCHOOL__KEY, .dlt/secrets.toml and {everywhere}; set it with: export SCHOOL__KEY=... or with "
        '[school] key = "..." in secrets.toml'
    ]


@pytest.mark.parametrize("text", ["${}", "${a b}", "${secret:}", "${open"])
def test_what_is_no_placeholder_is_a_problem(problems, text):
    (problem,) = problems(HEAD + f'destination: "{text}"')
    assert problem.endswith("is no placeholder; allowed: ${NAME}, ${secret:path.to.key}; write $${ for a literal ${")


def test_a_missing_variable_is_the_only_problem_of_its_value(problems):
    text = "client:\n  base_url: ${BASE}\nresources: [a]\n"
    assert problems(text) == [
        "school.yaml:2: client.base_url: the environment variable `BASE` is not set; set it with: export BASE=..."
    ]


def test_literal_secrets_of_auth_are_known_as_secrets(load):
    auth = "auth: {type: http_basic, username: me, password: open-sesame}"
    config = load(f"client: {{base_url: https://x.org, {auth}}}\nresources: [a]")
    assert config.secrets == {"open-sesame", "bWU6b3Blbi1zZXNhbWU="}  # as basic auth writes both


def test_values_of_two_letters_are_not_masked(load):
    assert load(HEAD + "dataset: ${SHORT}", environ={"SHORT": "ab"}).secrets == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "client: {base_url: 'ftp://h/${KEY}'}\nresources: [a]",
        "client: {base_url: https://x.org, auth: {type: api_key, api_key: [tr0ub4dor]}}\nresources: [a]",
        "client: {base_url: https://x.org, auth: {api_key: tr0ub4dor, foo: 1}}\nresources: [a]",
        "client: {base_url: https://x.org, headers: {Authorization: Bearer tr0ub4dor}}\nresources: [5, {}]",
        "client: {base_url: https://x.org}\nresources: [{name: a, endpoint: {params: {q: '${KEY} {'}}}]",
        "client: {base_url: https://x.org}\nresources: [{name: a, columns: '${KEY}'}]",
        "client: {base_url: https://x.org}\nresources: [{name: a, write_disposition: {x: '${KEY}'}}]",
        "client: {base_url: https://x.org, auth: tr0ub4dor}\nresources: [a]",
    ],
)
def test_a_secret_is_never_told(load, text):
    with pytest.raises(ConfigError) as caught:
        load(text, environ={"KEY": "tr0ub4dor"})
    assert "tr0ub" not in str(caught.value)
    assert "tr0ub" not in repr(caught.value) + repr(caught.value.problems)


def test_a_value_that_is_nothing_but_an_empty_variable_is_a_problem(problems, load):
    text = "client:\n  base_url: https://x.org/${BASE}\n  auth: {type: bearer, token: '${KEY}'}\nresources: [a]\n"
    assert problems(text, environ={"KEY": "", "BASE": ""}) == [
        "school.yaml:3: client.auth.token: `${KEY}` is empty; give KEY a value, or leave the key out"
    ]
