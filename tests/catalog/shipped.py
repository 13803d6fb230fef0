"""The names of the platforms that are shipped, and a key for each secret that they ask for."""

from homeroom.catalog import PLATFORMS

NAMES = sorted(file.stem for file in PLATFORMS.glob("*.yaml"))


def key_for(variable: str) -> str:
    """What somebody could have been given for it."""
    if variable.endswith("_SERVICE_ACCOUNT"):
        return '{"client_email": "reader@school.iam.example.com", "private_key": "k3y-0f-a-service-account"}'
    return f"k3y-0f-{variable.lower()}"
