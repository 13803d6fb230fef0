"""What Homeroom borrows from inside of dlt is still what it was: a new dlt release fails here first."""

import importlib
import inspect
from pathlib import Path
from typing import Any, get_args, get_type_hints

import dlt
import pytest
from dlt.common.destination.capabilities import DestinationCapabilitiesContext
from dlt.common.normalizers.naming.snake_case import NamingConvention
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.extract.pipe import Pipe
from dlt.sources.helpers.rest_client import auth, paginators
from typing_extensions import is_typeddict

from homeroom.dlt_seam.auth_types import OWN_CONFIGS

CALLABLES = {
    "dlt.common.configuration.specs:configspec": "cls=None, init=True",
    "dlt.common.data_types:coerce_value": "to_type, from_type, value",
    "dlt.common.data_types:py_type_to_sc_type": "t",
    "dlt.common.data_writers.writers:resolve_best_writer_spec": (
        "item_format, possible_file_formats, preferred_format=None"
    ),
    "dlt.common.jsonpath:compile_path": "s",
    "dlt.common.libs.pyiceberg:ensure_iceberg_compatible_arrow_schema": "schema",
    "dlt.common.runtime.run_context:active": "",
    "dlt.common.runtime.signals:exception_for_signal": "",
    "dlt.common.runtime.signals:was_signal_received": "",
    "dlt.common.runtime.telemetry:stop_telemetry": "",
    "dlt.common.schema.utils:get_active_record_timestamp": "table",
    "dlt.common.schema.utils:get_columns_names_with_prop": "table, column_prop, include_incomplete=False",
    "dlt.common.schema.utils:get_validity_column_names": "table",
    "dlt.common.schema.utils:get_nested_tables": "tables, table_name, max_nesting=None, include_self=True",
    "dlt.common.schema.utils:has_column_with_prop": "table, column_prop, include_incomplete=False",
    "dlt.common.schema.utils:is_nested_table": "table",
    "dlt.common.schema.utils:new_table": (
        "table_name, parent_table_name=None, write_disposition=None, columns=None, validate_schema=False, "
        "resource=None, schema_contract=None, table_format=None, file_format=None, references=None"
    ),
    "dlt.common.schema:Schema": "name, normalizers=None",
    "dlt.common.typing:is_optional_type": "t",
    "dlt.common.typing:is_typeddict": "t",
    "dlt.common.validation:validate_dict": "spec, doc, path, filter_f=None, validator_f=None",
    "dlt.extract.incremental.lag:apply_lag_with_suppression": (
        "lag, last_value_func, initial_value, end_value, last_value, resource_name=None, cursor_type=None"
    ),
    "dlt.extract.state:get_current_pipe": "",
    "dlt.extract:DltSource": "schema, section, resources=None",
    "dlt.sources.helpers.requests:Session": "timeout=60, raise_for_status=True",
    "dlt.sources.helpers.rest_client.detector:PaginatorFactory": "detectors=None",
    "dlt.sources.helpers.rest_client.detector:find_response_page_data": "response",
    "dlt.sources.helpers.rest_client.utils:join_url": "base_url, path",
    "dlt.sources.rest_api.config_setup:build_resource_dependency_graph": "resource_defaults, resource_list",
    "dlt.sources.rest_api.config_setup:convert_incremental_values": "incremental, convert",
    "dlt.sources.rest_api.config_setup:create_auth": "auth_config",
    "dlt.sources.rest_api.config_setup:create_paginator": "paginator_config",
    "dlt.sources.rest_api.config_setup:expand_placeholders": "obj, placeholders, preserve_value_type=False",
    "dlt.sources.rest_api.config_setup:process_parent_data_item": (
        "path, item, resolved_params, headers=None, params=None, request_json=None, request_data=None, "
        "include_from_parent=None, incremental=None, incremental_value_convert=None"
    ),
    "dlt.sources.rest_api.config_setup:register_auth": "auth_name, auth_class",
    "dlt.sources.rest_api.config_setup:setup_incremental_object": "request_params, incremental_config=None",
    "dlt.sources.rest_api.typing:ResolvedParam": "param_name, resolve_config",
    "dlt.common.configuration.container:Container": "",
    "dlt.common.configuration.exceptions:ContextDefaultCannotBeCreated": "spec",
    "dlt.common.libs.pyarrow:columns_to_arrow": "columns, caps, timestamp_timezone",
    "dlt.common.pipeline:PipelineContext": "enable_activation_history=False",
    "dlt.common.metrics:DataWriterMetrics": "file_path, items_count, file_size, created, last_modified",
    "dlt.common.normalizers.json.helpers:get_nested_row_hash": "parent_row_id, nested_table, list_idx",
    "dlt.common.normalizers.json.helpers:get_root_row_id_type": "schema, table_name",
    "dlt.common.normalizers.json.helpers:get_row_hash": "row, subset=None",
    "dlt.common.normalizers.json.relational:DataItemNormalizer": "schema",
    "dlt.common.schema.utils:is_complete_column": "col",
    "dlt.common.time:get_context_timezone_name": "",
    "dlt.common.utils:uniq_id": "len_=16",
    "dlt.common.versioned_state:json_decode_state": "state_str",
    "dlt.pipeline.helpers:pipeline_drop": (
        "pipeline, resources=(), schema_name=None, state_paths=(), drop_all=False, state_only=False"
    ),
    "dlt.pipeline.drop:prepare_drop_resources": (
        "schema, state, resources=(), state_paths=(), drop_all=False, state_only=False"
    ),
    "dlt.pipeline.helpers:prepare_refresh_source": "pipeline, source, refresh",
    "dlt.extract.extractors:ImportFileMeta": (
        "file_path, metrics, file_format=None, hints=None, create_table_variant=None"
    ),
    "dlt.extract.items:DataItemWithMeta": "meta, data",
}
"""What is called or made, and its parameters in dlt 1.31."""

METHODS = {
    "dlt.common.destination:Destination.from_reference": (
        "ref, credentials=None, destination_name=None, environment=None, kwargs"
    ),
    "dlt.common.destination:Destination._raw_capabilities": "self",
    "dlt.common.json:json.typed_dumps": "obj, sort_keys=False, pretty=False",
    "dlt.common.json:json.typed_loads": "s",
    "dlt.common.schema:Schema.clone": ("self, with_name=None, remove_processing_hints=False, update_normalizers=False"),
    "dlt.common.schema:Schema.data_tables": "self, seen_data_only=False, include_incomplete=False",
    "dlt.common.schema:Schema.update_table": (
        "self, partial_table, normalize_identifiers=True, merge_compound_props=True"
    ),
    "dlt.common.storages.load_package:PackageStorage.list_new_jobs": "self, load_id",
    "dlt.common.storages.load_package:ParsedLoadJobFileName.parse": "file_name",
    "dlt.destinations.job_client_impl:SqlJobClientBase._execute_schema_update_sql": (
        "self, only_tables, store_schema=True"
    ),
    "dlt.destinations.job_client_impl:SqlJobClientBase.initialize_storage": "self, truncate_tables=None",
    "dlt.destinations.job_client_impl:SqlJobClientBase.is_storage_initialized": "self",
    "dlt.destinations.sql_client:SqlClientBase.escape_column_name": ("self, column_name, quote=True, casefold=True"),
    "dlt.destinations.sql_client:DBApiCursorImpl.iter_fetch": "self, chunk_size",
    "dlt.destinations.sql_client:SqlClientBase.execute_query": "self, query, args, kwargs",
    "dlt.destinations.sql_client:SqlClientBase.execute_sql": "self, sql, args, kwargs",
    "dlt.destinations.job_client_impl:SqlJobClientBase.get_storage_tables": "self, table_names",
    "dlt.destinations.job_client_impl:SqlJobClientBase.get_stored_schema_by_hash": "self, version_hash",
    "dlt.common.schema.utils:has_table_seen_data": "table",
    "dlt.common.schema:Schema.from_stored_schema": "stored_schema",
    "dlt.destinations.sql_client:SqlClientBase.begin_transaction": "self",
    "dlt.destinations.sql_client:SqlClientBase.create_dataset": "self",
    "dlt.destinations.sql_client:SqlClientBase.has_dataset": "self",
    "dlt.destinations.sql_client:SqlClientBase.with_alternative_dataset_name": "self, dataset_name",
    "dlt.destinations.sql_client:SqlClientBase.make_qualified_table_name": (
        "self, table_name, quote=True, casefold=True"
    ),
    "dlt.destinations.fs_client:FSClientBase.list_table_files": "self, table_name",
    "dlt.destinations.impl.duckdb.sql_client:DuckDbSqlClient._register_filesystem": "self, fs, scheme",
    "dlt.destinations.impl.filesystem.filesystem:FilesystemClient.get_open_table_location": (
        "self, table_format, table_name, schema_name=None"
    ),
    "dlt.destinations.impl.filesystem.filesystem:FilesystemClient.is_open_table": "self, table_format, table_name",
    "dlt.destinations.impl.filesystem.filesystem:FilesystemClient.load_open_table": (
        "self, table_format, table_name, kwargs"
    ),
    "dlt.destinations.impl.filesystem.sql_client:FilesystemSqlClient.create_secret": (
        "self, scope, credentials, secret_name=None, persist_secrets=False"
    ),
    "dlt.destinations.impl.filesystem.sql_client:FilesystemSqlClient.create_view_select": (
        "self, table_schema, schema=None"
    ),
    "dlt.extract.incremental:Incremental._get_transform": "self, items",
    "dlt.extract.incremental:Incremental.bind": "self, pipe",
    "dlt.extract.incremental:Incremental.can_close": "self",
    "dlt.extract.incremental:Incremental.copy": "self, with_transient_state=False",
    "dlt.extract.incremental:IncrementalResourceWrapper.set_deduplication_key": "self, value, from_hints",
    "dlt.extract.incremental:IncrementalResourceWrapper.set_incremental": "self, incremental, from_hints=False",
    "dlt.extract.pipe:Pipe.get_by_type": "self, step_type",
    "dlt.extract:DltResource.add_step": "self, item_transform, insert_at=None",
    "dlt.extract:DltResource.compute_table_schema": "self, item=None, meta=None",
    "dlt.extract:DltSource.clone": "self, with_name=None",
    "dlt.pipeline.pipeline:Pipeline._get_destination_clients": "self, schema=None",
    "dlt.pipeline.pipeline:Pipeline._get_normalize_storage": "self",
    "dlt.common.configuration.specs.pluggable_run_context:RunContextBase.import_run_dir_module": "run_dir",
    "dlt.common.pipeline:PipelineContext.activate": "self, pipeline",
    "dlt.common.pipeline:PipelineContext.deactivate": "self",
    "dlt.common.pipeline:PipelineContext.is_active": "self",
    "dlt.common.pipeline:PipelineContext.pipeline": "self",
    "dlt.common.storages.load_package:PackageStorage.delete_package": "self, load_id, not_exists_ok=False",
    "dlt.pipeline.pipeline:Pipeline.destination_client": "self, schema_name=None",
    "dlt.pipeline.pipeline:Pipeline.drop": "self, pipeline_name=None",
    "dlt.pipeline.pipeline:Pipeline.get_load_package_info": "self, load_id",
    "dlt.pipeline.pipeline:Pipeline.list_completed_load_packages": "self",
    "dlt.pipeline.pipeline:Pipeline.list_extracted_load_packages": "self",
    "dlt.pipeline.pipeline:Pipeline.list_normalized_load_packages": "self",
    "dlt.pipeline.pipeline:Pipeline.sql_client": "self, schema_name=None",
    "dlt.pipeline.pipeline:Pipeline.managed_state": "self, extract_state=False",
    "dlt.pipeline.pipeline:Pipeline.sync_destination": ("self, destination=None, staging=None, dataset_name=None"),
    "dlt.sources.helpers.rest_client.auth:AuthConfigBase.from_init_value": "init_value=None",
    "dlt.sources.helpers.rest_client.auth:AuthConfigBase.get_resolvable_fields": "",
    "dlt.sources.helpers.rest_client.auth:AuthConfigBase.is_partial": "self",
    "dlt.sources.helpers.rest_client.auth:AuthConfigBase.is_resolved": "self",
    "dlt.sources.helpers.rest_client.detector:PaginatorFactory.create_paginator": "self, response",
    "dlt.common.normalizers.json.relational:DataItemNormalizer._reset": "self",
    "dlt.common.schema:Schema._bump_version": "self",
    "dlt.common.storages.load_package:PackageStorage.load_schema": "self, load_id",
    "dlt.common.storages.load_package:PackageStorage.save_schema": "self, load_id, schema",
    "dlt.pipeline.pipeline:Pipeline._get_load_storage": "self",
    "dlt.destinations.impl.filesystem.filesystem:FilesystemClient.list_table_files": (
        "self, table_name, schema_name=None"
    ),
    "dlt.destinations.impl.sqlalchemy.db_api_client:SqlalchemyClient.alter_table_add_columns": "self, columns",
    "dlt.destinations.impl.sqlalchemy.db_api_client:SqlalchemyClient.compare_storage_table": "self, table_name",
    "dlt.destinations.impl.sqlalchemy.db_api_client:SqlalchemyClient.create_table": "self, table_obj",
    "dlt.destinations.impl.sqlalchemy.sqlalchemy_job_client:SqlalchemyJobClient._to_table_object": (
        "self, schema_table"
    ),
    "dlt.common.schema:Schema.get_table_columns": "self, table_name, include_incomplete=False",
    "dlt.common.schema:Schema.resolve_contract_settings_for_table": "self, table_name, new_table_schema=None",
    "dlt.common.storages.load_package:PackageStorage.build_job_file_name": (
        "table_name, file_id, retry_count=0, validate_components=True, loader_file_format=None"
    ),
    "dlt.common.storages.load_package:PackageStorage.get_job_file_path": "self, load_id, state, file_name",
    "dlt.common.storages.load_package:PackageStorage.get_package_path": "self, load_id",
    "dlt.extract.extractors:Extractor._compute_and_update_tables": "self, resource, root_table_name, items, meta",
    "dlt.extract.extractors:Extractor._get_static_table_name": "self, resource, meta",
    "dlt.normalize.items_normalizers.jsonl:JsonLItemsNormalizer._normalize_chunk": (
        "self, root_table_name, items, may_have_pua, skip_write"
    ),
    "dlt.normalize.items_normalizers.jsonl:JsonLItemsNormalizer._coerce_row": "self, table_name, parent_table, row",
    "dlt.common.schema:Schema.expand_schema_contract_settings": "settings, default=None",
    "dlt.common.schema:Schema.normalize_data_item": "self, item, load_id, table_name",
    "dlt.common.schema.exceptions:DataValidationError": (
        "schema_name, table_name, column_name, schema_entity, contract_mode, table_schema, schema_contract, "
        "data_item=None, extended_info=None"
    ),
}
"""The methods that are called on them."""

PAGINATORS: dict[Any, set[str]] = {
    paginators.OffsetPaginator(100): {
        "limit",
        "initial_value",
        "param_name",
        "param_body_path",
        "limit_param",
        "limit_body_path",
        "total_path",
        "maximum_value",
        "stop_after_empty_page",
        "has_more_path",
    },
    paginators.PageNumberPaginator(): {
        "base_index",
        "initial_value",
        "param_name",
        "param_body_path",
        "total_path",
        "maximum_value",
        "stop_after_empty_page",
        "has_more_path",
    },
    paginators.JSONResponseCursorPaginator(): {
        "cursor_path",
        "cursor_param",
        "cursor_body_path",
        "stop_after_empty_page",
        "has_more_path",
    },
    paginators.HeaderCursorPaginator(): {"cursor_key", "cursor_param"},
    paginators.JSONLinkPaginator(): {"next_url_path"},
    paginators.HeaderLinkPaginator(): {"links_next_key"},
}
"""The attributes that `plan` reads."""


def found(place: str) -> Any:
    """What stands at `module:name`, or `module:Class.name`."""
    module, names = place.split(":")
    thing: Any = importlib.import_module(module)
    for name in names.split("."):
        thing = getattr(thing, name)
    return thing


def parameters(thing: Any) -> str:
    """Names and defaults, without types: dlt reworks those often, and they break nothing."""
    shown = inspect.signature(thing).parameters.values()
    return ", ".join(p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in shown)


@pytest.mark.parametrize("place", CALLABLES)
def test_a_borrowed_callable_has_its_parameters(place: str) -> None:
    """Names, order and defaults."""
    assert parameters(found(place)) == CALLABLES[place]


@pytest.mark.parametrize("place", METHODS)
def test_a_borrowed_method_has_its_parameters(place: str) -> None:
    """Names, order and defaults."""
    assert parameters(found(place)) == METHODS[place]


@pytest.mark.parametrize("paginator", PAGINATORS, ids=lambda each: type(each).__name__)
def test_a_paginator_has_the_attributes_that_are_read(paginator: Any) -> None:
    """All of them, from its construction on."""
    assert PAGINATORS[paginator] <= set(vars(paginator))


def test_the_simple_kinds_of_auth_are_known_by_their_place_and_attributes() -> None:
    """They are told by module and class name, and the key is signed by us."""
    kinds = (auth.BearerTokenAuth, auth.APIKeyAuth, auth.HttpBasicAuth)
    assert {kind.__module__ for kind in kinds} == {"dlt.sources.helpers.rest_client.auth"}
    assert {"name", "api_key", "location"} <= set(auth.APIKeyAuth().keys())


def test_the_kinds_of_auth_with_a_token_keep_it_where_we_look() -> None:
    """Token and expiry are read by us, the session is given; who asks is dlt's own method."""
    for kind, token in ((auth.OAuth2ClientCredentials, "access_token"), (auth.OAuthJWTAuth, "token")):
        made = kind()
        assert {token, "token_expiry", "session"} <= set(vars(made)) and "__call__" in vars(kind)
        assert parameters(kind.obtain_token) == parameters(kind.is_token_expired) == "self"


def test_the_sessions_of_dlts_client_share_an_adapter_and_repeat() -> None:
    """By the adapter they are known, in any thread."""
    client = found("dlt.sources.helpers.requests:client")
    other = found("dlt.sources.helpers.requests:Client")()
    assert client.session.get_adapter("https://a") is client.session.get_adapter("http://b")
    assert client.session.get_adapter("https://a") is not other.session.get_adapter("https://a")
    assert hasattr(client.session.send, "retry")


def test_the_maps_of_the_config_hold_what_they_held() -> None:
    """Another kind of paginator or auth would be refused, not lost; but it should be known."""
    setup = importlib.import_module("dlt.sources.rest_api.config_setup")
    theirs = set(setup.AUTH_MAP) - set(OWN_CONFIGS)
    assert sorted(theirs) == ["api_key", "bearer", "http_basic", "oauth2_client_credentials"]
    assert sorted(setup.PAGINATOR_MAP) == [
        "auto",
        "cursor",
        "header_cursor",
        "header_link",
        "json_link",
        "json_response",
        "offset",
        "page_number",
        "single_page",
    ]


def test_auth_stands_in_two_places_of_a_config_as_one_union() -> None:
    """There our types are put into it; more places would have to be known."""
    rest = importlib.import_module("dlt.sources.rest_api.typing")
    holders = {
        name
        for name, kind in vars(rest).items()
        if is_typeddict(kind) and "auth" in getattr(kind, "__annotations__", {})
    }
    assert holders == {"ClientConfig", "Endpoint"}
    for name in holders:
        assert set(get_args(rest.AuthConfig)) | {type(None)} == set(get_args(get_type_hints(vars(rest)[name])["auth"]))


def test_a_secret_is_known_by_its_type() -> None:
    """dlt looks for it among secrets."""
    assert get_args(found("dlt.common.typing:TSecretStrValue"))[0] is str


def test_the_keys_that_dlt_masks_are_a_list_of_names() -> None:
    """We mask at least those."""
    assert {"api_key", "token", "password", "username"} <= set(found("dlt.sources.rest_api:SENSITIVE_KEYS"))


def test_a_resource_has_a_pipe_with_steps() -> None:
    """One step for the pages, one more for each of the user's."""
    resource = dlt.resource([1], name="numbers")
    assert isinstance(resource._pipe, Pipe) and len(resource._pipe.steps) == 1
    assert len(resource.add_map(lambda number: number)._pipe.steps) == 2


def test_a_cursor_knows_its_values_and_its_transformers_step() -> None:
    """What placeholders stand for, and what a child's rows go through."""
    cursor = found("dlt.extract.incremental:Incremental")("at", "2024")
    assert {"initial_value", "start_value", "last_value", "end_value"} <= set(dir(cursor))
    transform = found("dlt.extract.incremental.transform:JsonIncremental")("r", "at", 0, 0, None, max, "id", set())
    assert {"cursor_path", "_compiled_cursor_path", "primary_key", "boundary_deduplication"} <= set(dir(transform))
    assert cursor.row_order is None and transform.cursor_path == "at"
    wrapper = found("dlt.extract.incremental:IncrementalResourceWrapper")()
    wrapper.set_incremental(cursor)
    assert wrapper.incremental is cursor


def test_the_state_of_resources_lies_in_that_of_their_source(tmp_path: Path) -> None:
    """There it can be read without being made."""
    seen: list[Any] = []

    @dlt.resource
    def numbers() -> Any:
        seen.append(dict(dlt.current.source_state()))
        dlt.current.resource_state("numbers")["seen"] = 1
        seen.append(dict(dlt.current.source_state()))
        yield 1

    dlt.pipeline("any", destination="duckdb", pipelines_dir=str(tmp_path)).extract(numbers())
    assert seen == [{}, {"resources": {"numbers": {"seen": 1}}}]


def test_the_state_goes_into_a_package_unless_it_would_not_be_restored_either(tmp_path: Path) -> None:
    """By that a replay leaves what the destination remembers as it is."""
    for restores in (True, False):
        pipeline = dlt.pipeline("any", destination="duckdb", pipelines_dir=str(tmp_path / str(restores)))
        pipeline.config.restore_from_destination = restores
        pipeline.extract([{"id": 1}], table_name="numbers")
        (load_id,) = pipeline.list_extracted_load_packages()
        jobs = pipeline.get_load_package_info(load_id).jobs["new_jobs"]
        assert ("_dlt_pipeline_state" in {job.job_file_info.table_name for job in jobs}) is restores


def test_the_current_pipe_is_another_one_in_each_iteration() -> None:
    """By that a child knows that a new read has begun."""
    pipes: list[Any] = []

    @dlt.resource
    def numbers() -> Any:
        pipes.append(found("dlt.extract.state:get_current_pipe")())
        yield 1

    resource = numbers()
    assert list(resource) == list(resource) == [1]
    assert len(pipes) == 2 and pipes[0] is not pipes[1]


def test_none_from_a_resource_means_ask_the_others_first() -> None:
    """It is no row, and dlt asks the others before it asks again."""
    asked: list[str] = []

    def waiting(name: str) -> Any:
        for item in (None, None, name):
            asked.append(name)
            yield item

    both = [dlt.resource(waiting(name), name=name) for name in "ab"]
    source = dlt.source(lambda: both, name="waiters")()
    assert sorted(source) == ["a", "b"] and set(asked[:2]) == {"a", "b"}


def test_the_load_package_is_known_in_an_extraction_alone() -> None:
    """Elsewhere dlt raises its own error."""
    with pytest.raises(found("dlt.common.exceptions:DltException")):
        dlt.current.load_package_state()


@pytest.mark.parametrize("name", ["normalize_path", "normalize_tables_path"])
def test_a_naming_convention_turns_paths_into_names(name: str) -> None:
    """Of columns and of tables."""
    assert getattr(NamingConvention(), name)("Some Name__innerPart") == "some_name__inner_part"


@pytest.mark.parametrize("name", ["replace_strategies_selector", "supported_replace_strategies"])
def test_a_destination_says_how_it_can_replace(name: str) -> None:
    """None where it says nothing."""
    assert getattr(DestinationCapabilitiesContext(), name, "absent") is None


MADE_IN_PART = {
    "dlt.extract.extractors:ObjectExtractor": {"load_id", "item_storage", "schema", "_caps"},
    "dlt.normalize.items_normalizers.jsonl:JsonLItemsNormalizer": {
        *("item_storage", "load_storage", "normalize_storage", "schema", "load_id", "config"),
    },
}
"""What is made with some of its parameters, by name or in this order."""


@pytest.mark.parametrize("place", MADE_IN_PART)
def test_what_is_made_in_part_takes_those_parameters(place: str) -> None:
    """The others have defaults."""
    shown = inspect.signature(found(place)).parameters
    assert set(shown) >= MADE_IN_PART[place]
    assert all(p.default is not p.empty for name, p in shown.items() if name not in MADE_IN_PART[place])


def test_the_rules_of_the_relational_normaliser_are_reached_by_name() -> None:
    """Names, ids, nesting: what the columnar lane asks of it."""
    schema = dlt.Schema("any")
    rules = schema.data_item_normalizer
    wanted = {
        *("c_dlt_id", "c_dlt_load_id", "c_dlt_parent_id", "c_dlt_list_idx", "c_dlt_root_id", "c_value", "max_nesting"),
        *("EMPTY_KEY_IDENTIFIER", "_normalize_identifier", "_normalize_table_identifier", "_shorten_fragments"),
        *("_is_nested_type", "_get_primary_key", "_get_root_row_id_type", "_get_table_nesting_level"),
        "_get_propagation_mapping",
    }
    assert isinstance(rules, found("dlt.common.normalizers.json.relational:DataItemNormalizer"))
    assert wanted <= set(dir(rules)) and schema._compiled_excludes == {}


def test_threads_of_dlts_are_known_by_their_name() -> None:
    """In them a resource must leave the schema alone."""
    prefix = found("dlt.common.configuration.container:Container.thread_pool_prefix")()
    assert prefix.startswith(found("homeroom.dlt_seam.columnar:POOL"))


def test_a_normaliser_keeps_the_columns_that_a_contract_filters() -> None:
    """By table and column; asked of the row that was just decided on."""
    normaliser = found("dlt.normalize.items_normalizers.jsonl:JsonLItemsNormalizer")
    nowhere: Any = None
    assert normaliser(nowhere, nowhere, nowhere, dlt.Schema("any"), "1", nowhere)._filtered_tables_columns == {}
    assert dlt.Schema("any")._dlt_tables_prefix == "_dlt"


def test_a_step_may_be_added_to_a_pipe_that_is_being_pulled() -> None:
    """It sees what goes through from then on, with what the generator sent along, and the next read lacks it."""
    seen: list[Any] = []

    def numbers() -> Any:
        found("dlt.extract.state:get_current_pipe")()._steps.append(lambda item, meta=None: seen.append((item, meta)))
        yield found("dlt.extract.items:DataItemWithMeta")("a page", [1])

    resource = dlt.resource(numbers, name="numbers")
    assert list(resource.add_map(lambda number: number + 1)) == list(resource) == []
    assert seen == [([2], "a page")] * 2 and len(resource._pipe.steps) == 2


def test_rows_are_checked_by_a_model_in_a_step_of_its_own() -> None:
    """Which is known by its class, and says None of a row that it drops."""
    from pydantic import BaseModel

    class Unit(BaseModel):
        id: int

    rows = [{"id": 1}, {"id": "one"}]
    resource = dlt.resource(rows, name="any", columns=Unit, schema_contract={"data_type": "discard_row"})
    (step,) = resource._pipe.steps[1:]
    assert isinstance(step, found("dlt.extract.items_transform:ValidateItem")) and list(resource) == [{"id": 1}]
    assert resource.compute_table_schema()["columns"]["id"]["data_type"] == "bigint"


def test_a_map_may_stand_behind_steps_that_are_added_later_and_before_the_incremental() -> None:
    """By which rows are hidden behind the user's own steps; the fork to children hands over by place."""

    class Last(found("dlt.extract.items_transform:MapItem")):  # type: ignore[misc]
        placement_affinity = 0.95

    parents = dlt.resource([{"id": 1}], name="any")
    parents.add_step(dlt.sources.incremental("id"))
    parents.add_step(Last(lambda row: {**row, "id": row["id"] * 10}))
    parents.add_map(lambda row: {"id": row["id"] + 1})
    kinds = [type(step).__name__ for step in parents._pipe.steps[1:]]
    assert kinds.index("MapItem") < kinds.index("Last") < kinds.index("Incremental")
    fork = found("dlt.extract.pipe:ForkPipe")(parents._pipe)
    fork.add_pipe(parents._pipe, 1)
    assert list(parents) == [{"id": 20}] and fork._pipes == [(parents._pipe, -1), (parents._pipe, 1)]


def test_an_item_may_be_sent_to_the_end_of_another_pipe() -> None:
    """By which a child that never ran has its empty table; its pipe is found by the fork of its parent's."""
    fork, sent = found("dlt.extract.pipe:ForkPipe"), found("dlt.extract.items:ResolvablePipeItem")
    assert sent._fields == ("item", "step", "pipe", "meta")

    @dlt.resource
    def parents() -> Any:
        ((child, _), *_) = found("dlt.extract.state:get_current_pipe")().get_by_type(fork)._pipes
        yield sent({"id": 1}, len(child) - 1, child, None)

    @dlt.transformer(data_from=parents)
    def children(_: Any) -> Any:
        yield from ()

    assert list(dlt.source(lambda: [parents, children], name="any")()) == [{"id": 1}]


def test_ids_are_ten_bytes_and_the_load_package_has_a_storage() -> None:
    """Of ids as long as dlt's own, and of files beside dlt's."""
    assert found("dlt.common.normalizers.utils:DLT_ID_LENGTH_BYTES") == 10
    context = found("dlt.common.storages.load_package:LoadPackageStateInjectableContext")
    assert {"storage", "load_id"} <= set(context.__dataclass_fields__)


@pytest.mark.parametrize(
    "name",
    [
        *("preferred_loader_file_format", "supported_loader_file_formats", "timestamp_precision"),
        *("supports_tz_aware_datetime", "supports_naive_datetime"),
        *("sqlglot_dialect", "casefold_identifier"),
    ],
)
def test_a_destination_says_which_files_times_and_names_it_takes(name: str) -> None:
    """By "dlt.common.destination.capabilities:DestinationCapabilitiesContext"."""
    assert hasattr(DestinationCapabilitiesContext(), name)


def test_a_destination_that_keeps_tables_knows_its_state_and_a_function_does_not() -> None:
    """Only the former can lose rows."""
    keeps = found("dlt.common.destination.client:WithStateSync")
    assert issubclass(SqlJobClientBase, keeps)
    assert issubclass(found("dlt.destinations.impl.filesystem.filesystem:FilesystemClient"), keeps)
    assert not issubclass(found("dlt.destinations.impl.destination.destination:DestinationClient"), keeps)


def test_the_class_of_a_client_tells_whether_it_speaks_sql() -> None:
    """So that none need be made to ask."""
    speaks = found("dlt.destinations.sql_client:WithSqlClient")
    assert issubclass(found("dlt.destinations.impl.duckdb.duck:DuckDbClient"), speaks)
    assert issubclass(found("dlt.destinations.impl.filesystem.filesystem:FilesystemClient"), speaks)
    assert not issubclass(found("dlt.destinations.impl.destination.destination:DestinationClient"), speaks)


def test_a_sql_job_client_has_a_sql_client() -> None:
    """Through which our own tables are written."""
    assert "sql_client" in inspect.signature(SqlJobClientBase.__init__).parameters


def test_duckdbs_client_gives_out_its_connection() -> None:
    """Whose columns come as Arrow without a warning."""
    assert isinstance(found("dlt.destinations.impl.duckdb.sql_client:DuckDbSqlClient.native_connection"), property)


def test_a_destination_has_a_form_for_times() -> None:
    """By which scd2 marks the active rows of a history."""
    literal = DestinationCapabilitiesContext.generic_capabilities().format_datetime_literal
    assert parameters(literal) == "v, precision=6, no_tz=False"


def test_a_merged_table_says_how_it_is_merged_in_these_words() -> None:
    """By them the guard knows what a load takes away, and what every row that came is written by."""
    hints = found("dlt.common.schema.typing:MERGE_DISPOSITION_HINTS")
    assert hints["strategy"] == "x-merge-strategy" and hints["destination_scope"] == "x-merge-destination-scope"
    assert hints["skip_unchanged_rows"] == "x-merge-skip-unchanged-rows"
    strategies = {"delete-insert", "scd2", "upsert", "insert-only", "cdc"}
    assert {*found("dlt.common.schema.typing:MERGE_STRATEGIES")} == strategies
    assert found("dlt.common.schema.typing:C_DLT_LOAD_ID") == "_dlt_load_id"
    assert found("dlt.common.schema.typing:C_DLT_ID") == "_dlt_id"


def test_a_resource_says_whether_its_rows_choose_their_table() -> None:
    """Then all tables that it has fed are asked."""
    assert not dlt.resource([1], name="numbers").has_dynamic_table_name
    assert dlt.resource([1], name="numbers", table_name=lambda row: "odd").has_dynamic_table_name


@pytest.mark.parametrize("name", ["loads_table_name", "naming"])
def test_a_schema_has_its_own_names(name: str) -> None:
    """Of the table of loads, and the convention for all others."""
    assert hasattr(dlt.Schema("any"), name)


@pytest.mark.parametrize(
    "place",
    [
        "dlt.common.configuration.exceptions:ConfigFieldMissingException",
        "dlt.common.destination.exceptions:DestinationException",
        "dlt.common.destination.exceptions:DestinationUndefinedEntity",
        "dlt.common.destination.exceptions:SqlClientNotAvailable",
        "dlt.common.exceptions:DictValidationException",
        "dlt.extract.exceptions:InvalidParallelResourceDataType",
    ],
)
def test_an_error_that_is_caught_is_one_of_dlts(place: str) -> None:
    """Below dlt's base."""
    assert issubclass(found(place), found("dlt.common.exceptions:DltException"))


def test_missing_fields_of_a_configuration_are_named_with_it() -> None:
    error = found("dlt.common.configuration.exceptions:ConfigFieldMissingException")
    spec = found("dlt.destinations.impl.duckdb.configuration:DuckDbClientConfiguration")()
    raised = error(spec, {"credentials": []})
    assert (raised.fields, raised.config.destination_type) == (["credentials"], "duckdb")
