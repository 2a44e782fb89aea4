"""`[crm.NAME]` of the configuration for a Dynamics 365 environment, checked before any call is made.

Absent on purpose: certificates and signing in as a person. An unattended client is an application user with a secret.
"""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.fields import EntityMap, unreadable
from connectors.urls import base_url

EnvironmentUrl = Annotated[str, AfterValidator(base_url("https://mycompany.crm.dynamics.com"))]
Authority = Annotated[str, AfterValidator(base_url("https://login.microsoftonline.com"))]
NonEmpty = Annotated[str, Field(min_length=1)]

_LOGICAL_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


class DynamicsSettings(BaseModel):
    """One Dynamics 365 environment.

    `map`: entity, then field people enter in lower case, to the logical name of the environment's own column,
    e.g. `contact.attitude = "new_sentiment"`. `solution`: unique name of the unmanaged solution columns are created in;
    blank for one of ours. `max_concurrency`: requests in flight at most. `compress`: bodies travel gzipped, which pays
    on every network slower than the local one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["dynamics"] = "dynamics"
    environment_url: EnvironmentUrl
    authority: Authority = "https://login.microsoftonline.com"
    tenant_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$")]
    client_id: NonEmpty
    client_secret: SecretStr
    map: EntityMap = Field(default_factory=dict)
    api_version: Annotated[str, Field(pattern=r"^9\.\d$")] = "9.2"
    solution: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]*$")] = ""
    max_concurrency: Annotated[int, Field(ge=1, le=52)] = 16
    compress: bool = True

    @field_validator("client_secret")
    @classmethod
    def _is_given(cls, secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value():
            raise ValueError("must not be empty")
        return secret

    @field_validator("map")
    @classmethod
    def _names_columns(cls, mapped: EntityMap) -> EntityMap:
        if fault := unreadable(mapped):
            raise ValueError(fault)
        for entity, columns in mapped.items():
            for field, name in columns.items():
                if not _LOGICAL_NAME.fullmatch(name):
                    raise ValueError(f"{entity}.{field} must be a column's logical name (lower case, such as new_sentiment), not {name!r}")
        return mapped
