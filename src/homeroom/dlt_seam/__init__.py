"""The one place that imports names of dlt which dlt does not call public.

`rest_api` the config's helpers (graph, auth, paginators, placeholders); `validation`, `building` and `wording`
the config's checks by dlt's own validator, and its findings in plain words; `extraction` what a resource may
know while dlt pulls it; `packages` what lies between extract and load; `destination` and `tables` the other
end; `runtime` its logging and telemetry. A test holds the signature of each borrowed name, so that a new
dlt release fails there and not in somebody's sync.
"""
