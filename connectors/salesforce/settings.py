"""`[crm.NAME]` of the configuration for a Salesforce org, checked before any call is made.

Absent on purpose: user name and password login (SOAP), which Salesforce retires in 2027 and new orgs refuse.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.fields import EntityMap, unreadable
from connectors.urls import base_url

BaseUrl = Annotated[str, AfterValidator(base_url("https://mycompany.my.salesforce.com"))]


class SalesforceSettings(BaseModel):
    """One Salesforce org.

    `map`: entity, then field people enter in lower case, to the org's own field, e.g. `contact.attitude =
    "Sentiment__c"`. `max_calls_share`: of the API calls that are left in the day, the part guanxi may use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["salesforce"] = "salesforce"
    instance_url: BaseUrl
    auth: Literal["client_credentials", "jwt"] = "client_credentials"
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr | None = None
    username: str | None = None
    private_key_file: Path | None = None
    audience: str = "https://login.salesforce.com"
    map: EntityMap = Field(default_factory=dict)
    api_version: Annotated[str, Field(pattern=r"^\d{2}\.0$")] = "62.0"
    max_calls_share: Annotated[float, Field(gt=0, le=1)] = 0.5

    @field_validator("map")
    @classmethod
    def _names_fields(cls, mapped: EntityMap) -> EntityMap:
        if fault := unreadable(mapped):
            raise ValueError(fault)
        return mapped

    @model_validator(mode="after")
    def _has_what_the_flow_needs(self) -> Self:
        needed = ("client_secret",) if self.auth == "client_credentials" else ("username", "private_key_file")
        missing = [name for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f'auth = "{self.auth}" needs {" and ".join(missing)}')
        return self
