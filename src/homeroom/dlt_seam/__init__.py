"""The one place that imports names of dlt which dlt does not call public.

`rest_api` the config's helpers (graph, auth, paginators, placeholders), `validation` the config's checks,
`extraction` what a resource may know while dlt pulls it, `packages` what lies between extract and load,
`tables` our own tables at the destination. A test holds the signature of each borrowed name, so that a new
dlt release fails there and not in somebody's sync.
"""
