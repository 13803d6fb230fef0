"""Auth types that education platforms need and dlt's `rest_api` lacks, registered with dlt.

To import this package is enough: `rest_api_source` of Homeroom does, and for dlt's own there is
`import homeroom.auth_types`.
"""

from homeroom.auth_types.client_credentials import ClientCredentials
from homeroom.auth_types.login import Login
from homeroom.auth_types.oauth1 import OAuth1
from homeroom.auth_types.refresh_token import RefreshToken
from homeroom.auth_types.service_account import ServiceAccount
from homeroom.dlt_seam.auth_types import register

__all__ = ["ClientCredentials", "Login", "OAuth1", "RefreshToken", "ServiceAccount"]

register("oauth2", ClientCredentials)
register("oauth2_refresh_token", RefreshToken)
register("oauth1", OAuth1)
register("service_account", ServiceAccount)
register("login", Login)
